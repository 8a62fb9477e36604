#pragma once

// The one place that knows CAF 0.17: everything here has another form in 0.18 and 1.0 (type ids, inspection,
// configuration). Included by .cpp files of this folder only.

#include <leat/actors/link.hpp>
#include <leat/actors/source_task.hpp>
#include <leat/actors/stage_task.hpp>
#include <leat/actors/time/time_report.hpp>
#include <leat/base/metrics.hpp>
#include <leat/messages/channel.hpp>
#include <leat/messages/control.hpp>
#include <leat/messages/snapshot.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>

namespace leat {

/// To a shard or sink shell: its task, wired and ready.
struct start_stage {
  std::shared_ptr<stage_task> task;
};

/// To a source shell: its task, wired and ready.
struct start_source {
  std::shared_ptr<source_task> task;
};

/// To a receiver: a further input will speak, from barrier `first_epoch` on.
struct add_input {
  input_id input = 0;
  std::uint64_t first_epoch = 1;
  std::uint32_t credit = 0;
  std::shared_ptr<upstream_link> sender;               ///< where credit goes back to
  std::optional<std::size_t> stage;                    ///< of the sender when it is a shard
  caf::actor answer_to;                                ///< hears `input_added` when it is done; may be none
  std::size_t to_input = 0;                            ///< which input of the first step it feeds
  std::shared_ptr<const in_flight_channel> identity{}; ///< none when no barrier overtakes
  bool copies = false;                                 ///< whether all receivers get the same records
};

/// To a receiver, when each has its task: send what was on its way at the checkpoint that the job goes on from.
struct resend_in_flight {};

/// From a receiver to the supervisor: what `add_input` asked for is done.
struct input_added {};

/// To itself: run the task behind the messages that wait.
struct run_again {};

/// To itself: processing time has come for a step.
struct processing_time_due {};

/// To a source or sink: the reader or writer has news.
struct wake_up {};

/// To a source, several times a second.
struct tick {
  std::chrono::steady_clock::time_point now;
};

/// To a source, at the end: let go of the reader. Answered with `reader_closed`.
struct close_reader {};
struct reader_closed {
  actor_id source = 0;
};

/// To the coordinator: begin the next epoch, it is time.
struct next_epoch {};

/// To the coordinator: begin a last epoch, then stop all sources.
struct stop_job {};

/// To the supervisor: end the job at once.
struct abandon_job {};

/// From a coordinator: all sinks of its component have ended, and what can be committed is on its way to the sources.
struct dataflow_ended {};

/// Who takes part in epochs: a source or a sink.
struct participant {
  caf::actor actor;
  std::string stage;                 ///< its name
  const metric* watermark = nullptr; ///< of a source, in milliseconds
  bool commits = false;              ///< a sink that writes checkpoints' epochs out, and says so
};

/// From the supervisor: a partition wants to join; begin no epoch until `source_joined`. Answered with `join_granted`, or
/// with `join_refused` when the dataflow is being stopped or has ended: the next run will read it.
struct join_request {};
struct join_granted {
  std::uint64_t first_epoch = 1; ///< the first barrier that the new source will be asked for
  let_read reads{};              ///< whether it may read from its start on
};
struct join_refused {};
struct source_joined {
  actor_id id = 0;
  participant source;
};

/// From a source's watch to the supervisor: a partition that was not there before.
struct partition_found {
  std::size_t stage = 0;
  partition which;
};

/// To an actor of the dataflow: how far has event time come? Answered with `actor_time`.
struct tell_time {
  caf::actor answer_to;
};

/// To itself: make do with the answers that there are.
struct stop_waiting {};

/// To the supervisor: make a report of event time.
struct report_time {
  duration patience{}; ///< who has not answered by then is named in the report
  std::shared_ptr<std::promise<time_report>> answer;
};

} // namespace leat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::data_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::signal_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::credit_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::trigger_barrier)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::overtake_barrier)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::resend_in_flight)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::commit_epoch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::stop_reading)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::source_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::watermark_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::watermark_limit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::let_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::barrier_arrived)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::settle_epoch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::epoch_settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::sink_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actor_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::snapshot_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actor_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::checkpoint_stored)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::checkpoint_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::checkpoint_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::epoch_committed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::start_stage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::start_source)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::add_input)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::input_added)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::run_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::processing_time_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::wake_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::close_reader)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::reader_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::next_epoch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::stop_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::abandon_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::dataflow_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::join_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::join_granted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::join_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::source_joined)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::partition_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::tell_time)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::actor_time)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::stop_waiting)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::report_time)
