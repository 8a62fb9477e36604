#pragma once

#include <leat/actors/task_host.hpp>
#include <leat/connectors/sink.hpp>
#include <leat/operators/step.hpp>

#include <deque>
#include <memory>
#include <optional>

namespace leat {

/// The end of a chain where records leave the job: hands them to a writer and knows what has been delivered.
///
/// What the writer has no room for waits here, and blocks the flow. An epoch is settled when its barrier has arrived, the
/// watermark has reached the time by which all of its results have fired, and the writer has delivered everything up to
/// that moment: then its offsets may be committed.
///
/// Lives in the sink's actor; not thread-safe.
class sink_end final : public receiver {
public:
  /// @param records_out counts what was written, `dead_letters` what was taken and rejected.
  sink_end(actor_id self, std::unique_ptr<sink_writer> writer, flow& chain, metric& records_out, metric& dead_letters);

  void attach(task_host& host) noexcept { host_ = &host; }

  void on_batch(batch_ptr in) override;
  void on_signal(const signal& s) override;

  /// All results up to this time have fired and come here; called before each signal and whenever it has moved.
  void on_fired_until(timestamp time);

  /// The writer has called: there may be room, or something is delivered, or delivery has failed.
  void on_wake();

  void on_settle(const settle_epoch& request);

private:
  struct pending_request {
    settle_epoch what;
    std::optional<std::uint64_t> segment; // set when the watermark has come: settled once this is delivered
  };

  struct waiting_batch {
    batch_ptr batch;
    std::size_t next = 0; // first record not taken
  };

  void write_waiting();
  void mark_reached();
  void report_delivered();
  void count_rejected();

  const actor_id self_;
  std::unique_ptr<sink_writer> writer_;
  flow* const flow_;
  task_host* host_ = nullptr;
  metric& records_out_;
  metric& dead_letters_;
  std::uint64_t rejected_ = 0;        // of the records taken, as last counted
  std::deque<waiting_batch> waiting_; // not empty only while the flow is blocked by us
  std::deque<pending_request> requests_;
  timestamp fired_until_ = min_timestamp;
  std::optional<std::uint64_t> last_segment_; // set when the input has ended
  bool reported_end_ = false;
};

} // namespace leat
