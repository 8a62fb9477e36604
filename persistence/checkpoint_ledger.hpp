#pragma once

#include <leat/messages/snapshot.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace leat {

/// A checkpoint that all actors have handed over: what is to be stored.
struct complete_checkpoint {
  std::uint64_t epoch = 0;
  std::vector<std::shared_ptr<const actor_state>> states; ///< of all actors, in the order of their ids
};

/// A checkpoint that is given up.
struct aborted_checkpoint {
  std::uint64_t epoch = 0;
  std::set<actor_id> missing; ///< who had not handed over what it kept
};

/// Decides when a checkpoint begins, when it is complete, and when it is given up. After Chandy and Lamport's distributed
/// snapshots, as Flink's `CheckpointCoordinator` runs them.
///
/// One is under way at a time, from `begin` until it is stored, failed or given up. Every actor takes part: with what had changed
/// when the barrier passed it. What was handed over for a checkpoint that came to nothing is kept, and stands in front of what
/// the actor says next: nobody else knows of it any more. One that has ended hands its changes over once; what replaces the
/// entries of all or of anyone counts in every checkpoint from then on, as that of the others does.
///
/// A pure state machine: facts in, decisions out, no I/O and no clock; the coordinator carries them out. Not thread-safe.
class checkpoint_ledger {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    clock::duration interval;  ///< from the beginning of one checkpoint to that of the next
    clock::duration min_pause; ///< from the end of one to the beginning of the next
    clock::duration timeout;   ///< how long one may take
  };

  /// @param last the number of the checkpoint that the job was restored from; 0: of none.
  checkpoint_ledger(limits of, std::uint64_t last) : limits_{of}, last_{last} {}

  /// An actor that takes part from the next checkpoint on.
  void add(actor_id actor) { actors_.insert(actor); }

  /// The number that the next checkpoint has.
  [[nodiscard]] std::uint64_t next() const noexcept { return last_ + 1; }

  /// Whether none is under way.
  [[nodiscard]] bool idle() const noexcept { return !open_; }

  /// From the beginning of one to that of the next.
  [[nodiscard]] clock::duration interval() const noexcept { return limits_.interval; }

  /// How long until the next one is due; none while one is under way.
  [[nodiscard]] std::optional<clock::duration> due_in(clock::time_point now) const;

  /// Begins one: also before it is due, for somebody who asks. None may be under way.
  /// @returns its number.
  std::uint64_t begin(clock::time_point now);

  /// What has changed with an actor, also when it comes too late. @returns the checkpoint when it was the last that was missing.
  [[nodiscard]] std::optional<complete_checkpoint> on_snapshot(const snapshot_taken& fact);
  [[nodiscard]] std::optional<complete_checkpoint> on_ended(const actor_ended& fact);

  /// The checkpoint under way is stored, or could not be.
  void on_stored(std::uint64_t epoch, bool stored, clock::time_point now);

  /// @returns the one that has taken too long.
  [[nodiscard]] std::optional<aborted_checkpoint> give_up(clock::time_point now);

  /// Who has not yet handed over what it keeps for the checkpoint under way.
  [[nodiscard]] std::set<actor_id> missing() const;

  /// The last one that was stored; 0: none.
  [[nodiscard]] std::uint64_t stored() const noexcept { return stored_; }

  /// Whether every actor but `sources`, which answer for ever, has ended.
  [[nodiscard]] bool ended(const std::set<actor_id>& sources) const;

private:
  using changes = std::shared_ptr<const actor_state>;

  struct checkpoint {
    std::uint64_t epoch = 0;
    clock::time_point begun{};
    std::set<actor_id> actors; // that take part
    std::map<actor_id, changes> states{};
    bool storing = false;
  };

  void hand_over(actor_id actor, const changes& what);
  void come_to_nothing();
  std::optional<complete_checkpoint> complete();

  const limits limits_;
  std::set<actor_id> actors_;
  std::map<actor_id, changes> ended_; // with what counts in every checkpoint
  std::map<actor_id, changes> kept_;  // to be handed over in front of what they say next
  std::optional<checkpoint> open_;
  std::uint64_t last_;
  std::uint64_t stored_ = 0;
  std::optional<clock::time_point> begun_; // the last one
  std::optional<clock::time_point> done_;
};

} // namespace leat
