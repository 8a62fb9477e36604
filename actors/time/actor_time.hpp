#pragma once

#include <leat/messages/control.hpp>
#include <leat/operators/chain.hpp>
#include <leat/operators/input_merge.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace leat {

/// What one actor knows of event time, at some instant: what `tell_time` asks for.
struct actor_time {
  actor_id actor = 0;
  timestamp watermark = min_timestamp; ///< a partition has said, or the inputs come to
  bool idle = false;                   ///< nothing is to be expected of it for now
  bool ended = false;                  ///< nothing comes any more
  bool blocked = false;                ///< what is behind it has no room
  std::vector<step_time> steps;        ///< in the order of the plan

  // Of an actor with inputs:
  std::vector<input_time> inputs;
  std::optional<input_id> held_by; ///< the input that the watermark waits for; none when all are idle or at their end
  std::size_t waiting = 0;         ///< batches received and not finished

  // Of a partition:
  timestamp newest = min_timestamp; ///< its newest event; `min_timestamp` before the first
  std::optional<timestamp> limit;   ///< set while alignment holds it: up to where it might read
  bool caught_up = false;           ///< there is nothing to read for now
  std::int64_t lag = -1;            ///< records not yet read; -1 when unknown
};

} // namespace leat
