#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/actors/time/actor_time.hpp>
#include <leat/base/metrics.hpp>
#include <leat/messages/partition.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace leat {

/// An actor of a job, whose inputs lead to which others, and what it has said of event time.
struct located_time {
  actor_id actor = 0;
  std::size_t stage = 0;                ///< of the plan
  std::string name;                     ///< for a person: "window[1]"; of a partition "events/3"
  std::map<input_id, actor_id> senders; ///< by input
  std::optional<actor_time> said;       ///< none: it did not answer in time
};

/// How far event time has come in a job, what holds it back where, and which records were late or refused.
/// `--explain-time` prints it; a dashboard can show the same.
struct time_report {
  struct step_entry {
    std::string name;
    timestamp watermark = max_timestamp; ///< the least that one of its actors has passed on; a sink's: has received
    std::int64_t late = 0;               ///< records that came when their windows had fired
  };

  /// Why a watermark is no higher, one station further up the stream.
  struct station {
    enum class kind {
      actor,   ///< it has come no further, because of the next station
      step,    ///< a step in the actor before it has not passed on what has come to it: it is firing, or waits for answers
      backlog, ///< it is further, but what it said waits in the mailbox of the actor that is asked
      partition, ///< its records have come no further: the cause
      silent,    ///< it does not answer: it is busy, or stuck in a user's function
    };
    kind what = kind::actor;
    std::string name;
    timestamp watermark = min_timestamp; ///< what it has said to the station before it; of a step: what it has passed on
    std::size_t waiting = 0;             ///< of a backlog: batches that wait in front of it
  };

  /// The steps that run in one kind of actors.
  struct stage_entry {
    std::string name;
    stage_kind kind = stage_kind::source;
    bool idle = false;               ///< all that feeds it is
    bool ended = false;              ///< all its actors have
    timestamp newest{min_timestamp}; ///< the newest event of the partitions that feed it
    std::vector<step_entry> steps;
    std::string slowest;          ///< the actor with the least watermark
    std::vector<station> held_by; ///< what that actor waits for; its end is the cause. Empty of a source
  };

  struct partition_entry {
    std::string name;   ///< "events/3"
    std::string source; ///< the name of its step
    actor_time at;
    bool answered = true;
    std::string group;       ///< that it is aligned with; empty: none
    bool idle_after = false; ///< its source has an idle timeout of its own
  };

  /// How many records a source has refused, by reason.
  struct refusals {
    std::int64_t future = 0;      ///< with an event time too far ahead of the clock
    std::int64_t past = 0;        ///< too far behind it
    std::int64_t undecodable = 0; ///< and all others that its reader has refused

    [[nodiscard]] bool any() const noexcept { return future + past + undecodable > 0; }
  };

  std::string job;
  timestamp newest = min_timestamp; ///< the newest event of all partitions
  std::vector<stage_entry> stages;  ///< in the order of the plan, without those for dead letters
  std::vector<partition_entry> partitions;
  std::map<std::string, refusals> refused; ///< by source; those that have refused nothing are left out
  std::vector<std::string> silent;         ///< actors that did not answer
};

/// Draws the conclusions. @param samples the metrics of the job, for the counts.
[[nodiscard]] time_report
make_time_report(const dataflow_plan& plan, std::span<const located_time> actors, std::span<const metrics::sample> samples);

/// The report for a person, in lines, each ended by a newline.
[[nodiscard]] std::string to_text(const time_report& report);

} // namespace leat
