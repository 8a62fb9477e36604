#pragma once

#include <leat/base/time.hpp>
#include <leat/messages/saved_state.hpp>

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// What a job in a test keeps at one moment: a value, to be compared, printed, and given to another `test_run`.
///
/// The entries of a step's subtasks lie together, in the order of state and key. Runs at different parallelism keep the same
/// under the same keys; but what a subtask numbers, as the timers of one time, it numbers by itself.
struct job_snapshot {
  /// How far the test has come with one partition of a source.
  struct input_progress {
    timestamp watermark = min_timestamp;
    bool idle = false;
    bool finished = false;

    friend bool operator==(const input_progress&, const input_progress&) = default;
  };

  /// How the entries of each state are printed, by the step's uid and the state's name. No part of the comparison.
  struct printed_states : std::map<std::pair<std::string, std::string>, state_description> {
    friend bool operator==(const printed_states&, const printed_states&) { return true; }
  };

  timestamp taken_at{};                                      ///< by the virtual clock
  std::uint32_t key_groups = 0;                              ///< that keys were divided into: the max_parallelism
  std::map<std::string, std::vector<input_progress>> inputs; ///< by the source's uid, then by partition
  std::map<std::string, std::vector<saved_entry>> steps;     ///< by the step's uid; those that keep nothing are left out
  std::map<std::string, timestamp> watermarks;               ///< how far event time is, by the uid of what reads a channel
  printed_states printed{};

  friend bool operator==(const job_snapshot&, const job_snapshot&) = default;
};

/// A line for each entry, for a failing test, its key and value as `append_text` writes them; where it is not known what they
/// are, their bytes.
std::ostream& operator<<(std::ostream& out, const job_snapshot& s);

} // namespace leat::testing
