#pragma once

namespace leat::testing {

/// Ways to get the protocol wrong. The simulation has to find each.
enum class mutant {
  none,
  commits_before_durable,  ///< sinks are told of a checkpoint when all have handed over, not when it is stored
  commits_failed,          ///< sinks are told of a checkpoint that could not be stored
  marker_before_take_over, ///< a restart reads the marker first, and shuts the others out then
  no_take_over,            ///< a restart shuts nobody out
  logs_not_saved,          ///< the log of an epoch is no part of its checkpoint
  late_snapshot_forgotten, ///< what is said for a checkpoint that was given up is not handed over again
  always_written_again,    ///< a restart writes logs again whatever the marker says
  not_aligned,             ///< what comes behind a barrier on one input counts before it
  position_too_far,        ///< the source says a position one record ahead
  doubt_is_success,        ///< a transaction without an answer counts as out
};

} // namespace leat::testing
