#pragma once

#include <leat/base/time.hpp>
#include <leat/messages/channel.hpp>
#include <leat/messages/partition.hpp>

#include <cstdint>
#include <string>

/// What actors say to one another beside the data: with high priority, never waiting for credit.
namespace leat {

/// Names one actor of the running job: assigned by the supervisor, never used twice.
using actor_id = std::uint32_t;

/// To a source: send barrier `epoch` behind what has been read so far, and remember that position. To all others: let it pass if you
/// have no inputs.
struct trigger_barrier {
  std::uint64_t epoch = 0; ///< one more than the last
  bool overtakes = false;  ///< the barrier waits behind nothing: see `signal::overtakes`
};

/// To sources: whether they may read. Barriers, stops and all else go on.
struct let_read {
  bool may = true;
};

/// To all actors: barrier `epoch`, wherever it is or as soon as it comes, waits behind nothing from now on.
struct overtake_barrier {
  std::uint64_t epoch = 0;
};

/// To a source: everything before barrier `epoch` is delivered. Commit its position.
struct commit_epoch {
  std::uint64_t epoch = 0;
  timestamp settled{}; ///< all results up to this event time are delivered as well
};

/// To a source: read no more, end the stream where it is. Windows that are open do not fire.
struct stop_reading {};

/// From a source: it has ended; `watermark` is the last one its records led to, before any +inf.
struct source_ended {
  actor_id source = 0;
  timestamp watermark{};
};

/// From a source whose watermark is aligned with others': how far it has come. Rare: see `alignment_member`.
struct watermark_report {
  actor_id source = 0;
  timestamp watermark = min_timestamp;
  bool idle = false;  ///< it need not be waited for now
  bool ended = false; ///< it reads no more
};

/// To a source whose watermark is aligned with others': read on only while the watermark is at most `limit`.
struct watermark_limit {
  timestamp limit{};
};

/// From a sink: barrier `epoch` has arrived on all its inputs.
struct barrier_arrived {
  actor_id sink = 0;
  std::uint64_t epoch = 0;
  timestamp settles_at{};  ///< the latest of the times that came with the barrier
  timestamp fired_until{}; ///< all windows up to this time had fired and come to the sink; +inf when none lies before it
};

/// To a sink: report when everything of `epoch` and all results up to `settled` are delivered.
struct settle_epoch {
  std::uint64_t epoch = 0;
  timestamp settled{};
};

/// From a sink: what `settle_epoch` asked for has come true.
struct epoch_settled {
  actor_id sink = 0;
  std::uint64_t epoch = 0;
};

/// From a sink: its inputs have ended and everything is delivered.
struct sink_ended {
  actor_id sink = 0;
  timestamp fired_until{}; ///< all windows up to this time had fired; +inf when none lies before the sink
};

/// From any actor: it cannot go on. The supervisor ends this attempt to run the job.
struct actor_failed {
  actor_id actor = 0;
  std::string name;   ///< which actor, for a person: "alerts[1]"
  std::string reason; ///< the text of the exception
  bool final = false; ///< another attempt would fail as well: see `final_error`
};

} // namespace leat
