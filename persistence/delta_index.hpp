#pragma once

#include <leat/messages/delta.hpp>
#include <leat/persistence/store_records.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace leat {

class lmdb_transaction;

/// One delta of a group.
struct delta_ref {
  std::uint64_t checkpoint = 0;
  std::uint16_t part = 0;
  std::uint64_t bytes = 0;
};

/// Which deltas there are of each group of each step, oldest first. The database has them by checkpoint.
class delta_index {
public:
  using group_id = std::pair<std::uint32_t, std::uint16_t>; ///< step and group

  delta_index() = default;

  /// Reads the keys of all deltas of a transaction.
  explicit delta_index(const lmdb_transaction& txn);

  /// A delta that is newer than all others of its group.
  void add(const delta_key& key, std::uint64_t bytes);

  /// The oldest ones of a group are gone.
  void remove_oldest(group_id group, std::size_t count);

  void remove_step(std::uint32_t step);

  /// Empty when there are none.
  [[nodiscard]] const std::vector<delta_ref>& of(group_id group) const;

  [[nodiscard]] const std::map<group_id, std::vector<delta_ref>>& groups() const noexcept { return groups_; }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  /// Of the deltas of key groups. Those of anyone and of all come and go with the checkpoints: see `remove_superseded`.
  [[nodiscard]] std::uint64_t bytes_of_keys() const noexcept { return bytes_of_keys_; }

private:
  std::map<group_id, std::vector<delta_ref>> groups_;
  std::uint64_t count_ = 0;
  std::uint64_t bytes_of_keys_ = 0;
};

/// Whether the entries of a group belong to keys: not those of all actors, or of any one.
[[nodiscard]] constexpr bool has_keys(std::uint16_t group) noexcept { return owner_of(group) == state_owner::key; }

/// The key of a delta.
inline delta_key key_of(delta_index::group_id group, const delta_ref& ref) noexcept {
  return {ref.checkpoint, group.first, group.second, ref.part};
}

} // namespace leat
