#pragma once

#include <leat/actors/sinks/sink_end.hpp>
#include <leat/connectors/sink.hpp>

#include <deque>
#include <memory>
#include <optional>

namespace leat {

/// The end of a sink's chain that writes at once and knows what has been delivered.
///
/// Without checkpoints an epoch is settled when its barrier has arrived, the watermark has reached the time by which all of its
/// results have fired, and the writer has delivered everything up to that moment: then its offsets may be committed. With
/// checkpoints, what the actor kept at a barrier is reported when all that came before it is delivered.
///
/// Lives in the sink's actor; not thread-safe.
class at_least_once_end final : public sink_end {
public:
  /// @param records_out counts what was written, `dead_letters` what was taken and rejected.
  at_least_once_end(
    actor_id self, std::unique_ptr<sink_writer> writer, flow& chain, metric& records_out, metric& dead_letters);

  void on_signal(const signal& s) override;
  void on_fired_until(timestamp time) override;
  void on_settle(const settle_epoch& request) override;
  void take_snapshots(pending_snapshot& reports) override {
    sink_end::take_snapshots(reports);
    settles_ = false;
  }
  void on_snapshot(snapshot_taken taken) override;
  void on_ended(actor_ended ended) override;

private:
  struct pending_request {
    settle_epoch what;
    std::optional<std::uint64_t> segment; // set when the watermark has come: settled once this is delivered
  };

  struct undelivered_snapshot {
    snapshot_taken what;
    std::uint64_t segment; // reported once this is delivered
  };

  std::size_t write(const batch_base& in, std::size_t from) override { return writer_->write(in, from); }
  [[nodiscard]] std::uint64_t rejected() const override { return writer_->rejected(); }
  void report_news() override;
  void mark_reached();

  std::unique_ptr<sink_writer> writer_;
  std::deque<pending_request> requests_;
  bool settles_ = true;
  std::deque<undelivered_snapshot> snapshots_;
  std::optional<actor_ended> end_state_; // of a sink that takes snapshots
  timestamp fired_until_ = min_timestamp;
  std::optional<std::uint64_t> last_segment_; // set when the input has ended
  bool reported_end_ = false;
};

} // namespace leat
