#pragma once

#include <leat/actors/epochs/in_flight.hpp>
#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/actors/task_host.hpp>
#include <leat/actors/tasks/task_outputs.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// What an actor kept at its last barrier, and at its end, until it can be reported: not before the barrier, or the end, has left
/// on all ways out, for it may still be told to overtake what is before it there; and not before all records are written down that
/// it has overtaken.
///
/// What a barrier was given up for is reported without such records, before all that follows: it has the changes since the
/// snapshot before, which nobody says again.
///
/// Lives in that actor; not thread-safe.
class pending_snapshot {
public:
  /// @param stage its uid; @param outputs the actor's; @param snapshots where what was kept comes from. Both outlive this.
  pending_snapshot(std::string stage, const task_outputs& outputs, state_snapshot& snapshots)
    : stage_{std::move(stage)}, outputs_{outputs}, snapshots_{snapshots} {}

  /// Barrier `epoch` passes: whatever was pending is given up.
  void begin(std::uint64_t epoch) {
    give_up();
    pending_.emplace(snapshot{epoch, in_flight_log{stage_}});
  }

  /// Whether that of this barrier is pending.
  [[nodiscard]] bool is(std::uint64_t epoch) const noexcept { return pending_ && pending_->epoch == epoch; }

  /// Where overtaken records of the barrier are written down.
  [[nodiscard]] in_flight_log& log() noexcept { return pending_->log; }

  /// There are more to come, or no more.
  void set_recording(bool more) noexcept { pending_->recording = more; }

  /// What was kept at a barrier, also when it was given up.
  void on_taken(snapshot_taken taken);

  /// What was kept at the end; behind all barriers.
  void on_ended(actor_ended ended) { ended_ = std::move(ended); }

  /// What was kept at the end and is not reported; null: nothing.
  [[nodiscard]] const actor_ended* waiting_end() const noexcept { return ended_ ? &*ended_ : nullptr; }

  /// A newer barrier has come.
  void give_up();

  /// Reports what is complete.
  void report_to(task_host& host);

private:
  struct snapshot {
    std::uint64_t epoch;
    in_flight_log log;
    std::optional<snapshot_taken> taken{};
    bool recording = false;
  };

  [[nodiscard]] snapshot_taken complete();

  const std::string stage_;
  const task_outputs& outputs_;
  state_snapshot& snapshots_;
  std::vector<snapshot_taken> given_up_;
  std::optional<snapshot> pending_;
  std::optional<actor_ended> ended_;
};

} // namespace leat
