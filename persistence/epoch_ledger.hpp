#pragma once

#include <leat/messages/control.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace leat {

/// What follows from the end of a sink.
struct epoch_decisions {
  std::vector<settle_epoch> settle; ///< to ask of every sink
  std::optional<commit_epoch> commit;
};

/// What an epoch under way waits for.
struct epoch_wait {
  std::uint64_t epoch = 0;
  std::optional<timestamp> settled; ///< the time it settles at; none: its barrier has not come to all sinks yet
  std::set<actor_id> sinks;         ///< which have not settled it, or where the barrier has not come
};

/// Decides when the positions of an epoch may be committed: after everything that came of the records before its barrier
/// has been delivered by every sink.
///
/// The rule. Barrier N cuts the input at certain positions. Records before it may still sit in open windows, so a commit
/// has to wait until those have fired: each sink reports by which event time all of them will have (`settles_at`). The
/// epoch's `settled` time S is the latest of these, and at least the time by which everything had fired at all sinks. When
/// every sink has delivered everything that fires up to S, the epoch is complete: its positions are committed together with
/// S. A restart from there starts its watermark at S: windows up to S were delivered, and windows after S contain no record
/// from before the positions, so every window is sent whole (and some, after a crash, twice).
///
/// A sink that has ended has delivered all there was. One whose windows have all fired holds no later epoch up: it sees no
/// barrier any more. One that was stopped before counts for what had fired there.
///
/// One epoch is under way at a time. A pure state machine: facts in, decisions out, no I/O; the coordinator carries them
/// out. Not thread-safe.
class epoch_ledger {
public:
  /// @param settled what an earlier run had settled: S never goes back behind it.
  explicit epoch_ledger(std::set<actor_id> sinks, timestamp settled = min_timestamp);

  /// Whether no epoch is under way, so that the next may begin.
  [[nodiscard]] bool idle() const noexcept { return open_.empty(); }

  /// Begins the next epoch, also while one is under way: the last one before a stop. @returns its number.
  std::uint64_t begin();

  /// The number that the next `begin` returns.
  [[nodiscard]] std::uint64_t next() const noexcept { return last_ + 1; }

  /// @returns what to ask of every sink, once the last of them has reported the barrier.
  [[nodiscard]] std::optional<settle_epoch> on_arrived(const barrier_arrived& fact);

  /// @returns what to commit, once the last sink has settled the epoch.
  [[nodiscard]] std::optional<commit_epoch> on_settled(const epoch_settled& fact);

  /// A sink has delivered all there was. @returns what waited for this sink alone; to commit: the latest epoch under way
  /// whose windows have all fired, if there is one.
  [[nodiscard]] epoch_decisions on_ended(const sink_ended& fact);

  /// What the oldest epoch under way waits for; nothing when none is.
  [[nodiscard]] std::optional<epoch_wait> waits_for() const;

  /// Whether every sink has ended.
  [[nodiscard]] bool ended() const noexcept { return ended_.size() == sinks_.size(); }

private:
  struct epoch {
    std::map<actor_id, barrier_arrived> arrived;
    std::set<actor_id> settled_by;
    bool asked = false; // the barrier has come everywhere, so `settled` is known
    timestamp settled = min_timestamp;
  };

  std::optional<settle_epoch> ask_to_settle(std::uint64_t number, epoch& e);
  [[nodiscard]] bool arrived_at(const epoch& e, actor_id sink) const;
  [[nodiscard]] bool settled_by(const epoch& e, actor_id sink) const;
  [[nodiscard]] bool settled_by_all(const epoch& e) const;
  [[nodiscard]] timestamp fired_at_end() const;
  [[nodiscard]] timestamp settling_time(const epoch& e) const;
  commit_epoch complete(std::uint64_t number);

  const std::set<actor_id> sinks_;
  std::map<std::uint64_t, epoch> open_;
  std::map<actor_id, timestamp> ended_; // with the time up to which all had fired there
  std::uint64_t last_ = 0;
  timestamp settled_;
};

} // namespace leat
