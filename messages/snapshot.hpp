#pragma once

#include <leat/messages/control.hpp>
#include <leat/messages/delta.hpp>

#include <cstdint>
#include <memory>
#include <vector>

/// What a checkpoint is made of, on its way from the actors to the store.
namespace leat {

/// What one actor keeps between two messages, of all of its steps; nobody changes it any more once it is reported.
using actor_state = std::vector<delta>;

/// From an actor: barrier `epoch` has passed it, and this is what it kept at that moment, with the records on their way to it
/// that the barrier has overtaken. From a sink: and everything that it had taken before the barrier is delivered.
struct snapshot_taken {
  actor_id actor = 0;
  std::uint64_t epoch = 0;
  std::shared_ptr<actor_state> state;
  duration alignment{};              ///< from the barrier's coming on the first input until it has passed
  std::uint64_t in_flight_bytes = 0; ///< of `state`: the records on their way
};

/// From an actor: it has ended, no barrier passes it any more, and this is what it kept at its end. From a sink: and everything
/// is delivered.
struct actor_ended {
  actor_id actor = 0;
  std::shared_ptr<actor_state> state;
};

/// What waits for the next checkpoint takes much memory, so it is to begin now.
struct checkpoint_wanted {
  actor_id actor = 0;
  bool waits = false; ///< it takes nothing before the barrier, which is to overtake at once
  bool rests = false; ///< nothing is to be read before one that begins now is stored; with `waits`, one under way will do
};

/// From a sink: all epochs up to this one are out, for every reader to see.
struct epoch_committed {
  actor_id actor = 0;
  std::uint64_t epoch = 0;
};

/// To sinks that commit, and to actors that read what is stored: checkpoint `epoch` is stored, and will be found by a restart.
struct checkpoint_stored {
  std::uint64_t epoch = 0;
};

/// To all actors but sources: checkpoint `epoch` has come to nothing. What they have handed over for it goes with the next one.
struct checkpoint_failed {
  std::uint64_t epoch = 0;
};

} // namespace leat
