#pragma once

#include <leat/actors/epochs/pending_snapshot.hpp>
#include <leat/actors/task_host.hpp>
#include <leat/base/metrics.hpp>
#include <leat/operators/step.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace leat {

/// The end of a chain where records leave the job: hands them to a writer, and says what is out.
///
/// What the writer has no room for waits here, and blocks the flow.
///
/// Lives in the sink's actor; not thread-safe.
class sink_end : public receiver {
public:
  /// @param records_out counts what was written, `dead_letters` what was taken and rejected.
  sink_end(actor_id self, flow& chain, metric& records_out, metric& dead_letters);

  void attach(task_host& host) noexcept { host_ = &host; }

  void on_batch(batch_ptr in) final;

  /// The writer has called: there may be room, something is out, or it has failed.
  void on_wake();

  /// All results up to this time have fired and come here; called before each signal and whenever it has moved.
  virtual void on_fired_until(timestamp) {}

  /// Without checkpoints: see `settle_epoch`.
  virtual void on_settle(const settle_epoch&) {}

  /// Before the first batch: barriers are checkpoints'.
  /// @param reports gets what `on_snapshot` and `on_ended` were given, each when it may be reported; outlives this.
  virtual void take_snapshots(pending_snapshot& reports) { reports_ = &reports; }

  /// Before the first batch: barriers overtake on all ways here, so that one comes also while nothing is taken.
  virtual void expect_overtaking() noexcept {}

  /// Writes down the records that wait for room.
  void log_waiting(in_flight_log& to, const in_flight_channel& as) const;

  /// What the sink's actor kept when a barrier, or the end, had come to the writer; to be reported.
  virtual void on_snapshot(snapshot_taken taken) = 0;
  virtual void on_ended(actor_ended ended) = 0;

  virtual void on_stored(const checkpoint_stored&) {}
  virtual void on_failed(const checkpoint_failed&) {}

protected:
  [[nodiscard]] actor_id self() const noexcept { return self_; }
  [[nodiscard]] task_host& host() const noexcept { return *host_; }
  [[nodiscard]] pending_snapshot& reports() const noexcept { return *reports_; }

  /// There may be room: hands waiting records over as far as there is.
  void write_waiting();

  /// Dead letters are found late: to be called when the writer may have found more.
  void count_rejected();

private:
  /// As `sink_writer::write` and `sink_writer::rejected`.
  virtual std::size_t write(const batch_base& in, std::size_t from) = 0;
  [[nodiscard]] virtual std::uint64_t rejected() const = 0;

  /// After the writer has called.
  virtual void report_news() = 0;

  struct waiting_batch {
    batch_ptr batch;
    std::size_t next = 0; // first record not taken
  };

  const actor_id self_;
  flow* const flow_;
  task_host* host_ = nullptr;
  pending_snapshot* reports_ = nullptr;
  metric& records_out_;
  metric& dead_letters_;
  std::uint64_t rejected_ = 0;        // of the records taken, as last counted
  std::deque<waiting_batch> waiting_; // not empty only while the flow is blocked by us
};

} // namespace leat
