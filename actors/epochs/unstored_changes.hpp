#pragma once

#include <leat/messages/snapshot.hpp>
#include <leat/operators/chain.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace leat {

/// Keeps what the steps of a shard have changed, and no checkpoint has stored, within the memory that it may take: when it is half
/// of that, a checkpoint is wanted, and nothing is to be read before it is stored; when it is all, the shard can wait for that with
/// the records it has. Lives in the shard's actor; not thread-safe.
class unstored_changes {
public:
  /// @param self who asks. @param steps of the shard; outlives this.
  unstored_changes(actor_id self, const chain& steps) : self_{self}, steps_{steps} {}

  /// What to ask for after a batch.
  [[nodiscard]] std::optional<checkpoint_wanted> after_batch() {
    if (asked_ || !steps_.wants_checkpoint())
      return std::nullopt;
    asked_ = true;
    return checkpoint_wanted{self_, false, true};
  }

  /// Whether there is no room for more.
  [[nodiscard]] bool full() const { return steps_.is_full(); }

  /// What to ask for while there is no room: the barrier has to overtake what the shard does not take. Nothing while a checkpoint
  /// is being stored that has what was changed.
  [[nodiscard]] std::optional<checkpoint_wanted> while_full() {
    if (pressed_ || kept_ > settled_)
      return std::nullopt;
    pressed_ = true;
    return checkpoint_wanted{self_, true, true};
  }

  /// The changes were kept for this checkpoint.
  void on_snapshot(std::uint64_t epoch) {
    kept_ = epoch;
    asked_ = pressed_ = false;
  }

  /// The checkpoint is stored, or has come to nothing.
  void on_settled(std::uint64_t epoch) {
    settled_ = std::max(settled_, epoch);
    pressed_ = false;
  }

private:
  const actor_id self_;
  const chain& steps_;
  bool asked_ = false;   // since the last snapshot
  bool pressed_ = false; // … or since a checkpoint has come to nothing
  std::uint64_t kept_ = 0;
  std::uint64_t settled_ = 0;
};

} // namespace leat
