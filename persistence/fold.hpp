#pragma once

#include <leat/persistence/delta_index.hpp>
#include <leat/persistence/manifest.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace leat {

class lmdb_transaction;

/// When deltas are moved into the base. Each fold writes the pages of the base anew that its entries lie in, which is nearly all
/// of the group's when changes are spread, so the fewer folds the better; but a restore reads all deltas, and they take room.
struct fold_policy {
  /// Deltas may take this much of what the base takes: a restore reads, and the file holds, at most that much more.
  double share_of_base = 0.5;
  /// … but this much in any case, in bytes.
  std::uint64_t least_bytes = 32 * 1024 * 1024;
  /// … and not more than this, but for `least_bytes`: who looks for single entries keeps an index of the deltas in memory.
  std::uint64_t most_bytes = 512 * 1024 * 1024;
  /// No more deltas than this, however small: their keys are read at every start.
  std::uint64_t most_deltas = 64 * 1024;
  /// What nothing counts of any more is removed when it takes this much, in bytes.
  std::uint64_t superseded_bytes = 64 * 1024;
};

/// Some of a group's oldest deltas.
struct fold_choice {
  delta_index::group_id group;
  std::vector<delta_ref> deltas;
  bool superseded = false; ///< later ones speak of all that these put
};

/// Which groups to fold now: nothing while deltas are within the policy; else those with most to gain, by the bytes and the
/// number of their deltas, until about `budget` bytes of deltas are together. Whole checkpoints of a group, at least one. Groups
/// without keys only when there are too many deltas.
std::vector<fold_choice> choose_folds(
  const delta_index& index, const checkpoint_manifest& manifest, const fold_policy& policy, std::uint64_t budget);

/// Moves deltas into the base: entries are put or removed, the deltas removed. What the step holds is adjusted.
/// @throws state_error when something it reads is damaged; lmdb_error when it cannot be written.
void fold(lmdb_transaction& txn, stored_step& step, const fold_choice& choice);

/// Removes the oldest deltas of groups without keys as far as nothing of them counts any more, because later ones put or removed the
/// same: logs of epochs that are out, positions of sources. They never get into the base: it would only be written twice.
/// Looks at the keys alone, and not at every checkpoint where deltas are many; nothing happens before it is worth it.
/// @throws as `fold`.
void remove_superseded(lmdb_transaction& txn, checkpoint_manifest& manifest, delta_index& index, const fold_policy& policy);

/// Removes everything of a step.
void remove_all(lmdb_transaction& txn, stored_step& step, const delta_index& index);

} // namespace leat
