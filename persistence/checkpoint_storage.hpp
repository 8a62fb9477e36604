#pragma once

#include <leat/base/time.hpp>
#include <leat/persistence/checkpoint_ledger.hpp>
#include <leat/persistence/manifest.hpp>
#include <leat/persistence/stored_entry.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace leat {

/// A checkpoint as a restart finds it.
struct stored_checkpoint {
  std::uint64_t epoch = 0;
  checkpoint_manifest manifest{}; ///< what it says of the job, its steps and their states
  bool foreign = false;           ///< it lies elsewhere, so the next one has to hold everything

  /// Gives every entry of all actors once, in the order of step, group, state and key. To be called before anything else is
  /// stored, and once. Throws state_error, also at the end, when something is damaged: what was visited must not be used then.
  std::function<void(const entry_visitor&)> visit{};

  /// Gives the entries that one state of a step has, in no order; before `visit`, which finds more damage.
  std::function<void(std::string_view step, std::string_view state, const entry_visitor&)> look{};
};

/// Which checkpoints are kept beside the last.
struct retain_options {
  std::size_t count = 0;  ///< how many; 0: none
  duration interval = 1h; ///< how much time lies between two of them at least
};

/// Where a job keeps its checkpoints. Used by one thread at a time, but for the copies.
class checkpoint_storage {
public:
  virtual ~checkpoint_storage() = default;

  /// Whether `store` waits for a disk, and so has to have a thread of its own.
  [[nodiscard]] virtual bool blocks() const { return true; }

  /// Before the first `store` of a run: what a checkpoint says of the job and its steps.
  /// @param dropped uids of steps whose state goes with the next checkpoint.
  virtual void describe(checkpoint_manifest job, std::set<std::string> dropped) = 0;

  /// Stores a checkpoint in the place of the one before. It is there after any crash once this returns.
  /// @throws state_error when it cannot be stored; then the one before is still there.
  virtual void store(const complete_checkpoint& what) = 0;

  /// Some of what is left to do between two checkpoints, which takes milliseconds. @returns whether there is more.
  virtual bool tidy() { return false; }

  /// What a job goes on from: the last one that was stored, or, while nothing ever was, what it was told to begin with.
  /// @throws state_error when it is damaged.
  [[nodiscard]] virtual std::optional<stored_checkpoint> last() = 0;

  /// Finds entries of a step in the last checkpoint, for one actor on any thread; before the first `store` of a run.
  /// @returns null when this storage cannot.
  [[nodiscard]] virtual std::unique_ptr<stored_entries> entries_of(const std::string& uid, std::uint32_t max_parallelism) {
    (void)uid, (void)max_parallelism;
    return nullptr;
  }

  /// Copies the last checkpoint aside, for good: a savepoint. Any thread, also while `store` runs. Takes long.
  /// @returns where it is. @throws state_error when it cannot be written.
  [[nodiscard]] virtual std::string save() = 0;

  /// Copies it aside, and removes older copies of this kind but the newest `count`; nothing while another thread does. Any thread,
  /// as `save`.
  virtual void retain(std::size_t count) = 0;

  /// How old the newest of these copies is, also one of an earlier run. @returns nothing when there is none.
  [[nodiscard]] virtual std::optional<duration> since_retained() const { return std::nullopt; }
};

} // namespace leat
