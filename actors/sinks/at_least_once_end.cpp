#include <leat/actors/sinks/at_least_once_end.hpp>

#include <utility>

namespace leat {

at_least_once_end::at_least_once_end(
  actor_id self, std::unique_ptr<sink_writer> writer, flow& chain, metric& records_out, metric& dead_letters)
  : sink_end{self, chain, records_out, dead_letters}, writer_{std::move(writer)} {}

void at_least_once_end::on_signal(const signal& s) {
  switch (s.kind) {
  case signal_kind::barrier:
    if (settles_)
      host().report(barrier_arrived{self(), s.epoch, s.time, fired_until_});
    break;
  case signal_kind::watermark: // the merged one leaves out idle inputs: see on_fired_until
  case signal_kind::idle:
    break;
  case signal_kind::end:
    last_segment_ = writer_->finish();
    break;
  }
  report_news();
}

void at_least_once_end::on_fired_until(timestamp time) {
  if (time == fired_until_)
    return;
  fired_until_ = time;
  mark_reached();
  report_news();
}

void at_least_once_end::on_settle(const settle_epoch& request) {
  requests_.push_back({request, {}});
  mark_reached();
  report_news();
}

void at_least_once_end::on_snapshot(snapshot_taken taken) {
  snapshots_.push_back({std::move(taken), writer_->mark()});
  report_news();
}

void at_least_once_end::on_ended(actor_ended ended) {
  end_state_ = std::move(ended);
  report_news();
}

void at_least_once_end::mark_reached() {
  std::optional<std::uint64_t> segment;
  for (auto& r : requests_) {
    if (r.segment || r.what.settled > fired_until_)
      continue;
    if (!segment)
      segment = writer_->mark();
    r.segment = segment;
  }
}

/// Says what has been delivered.
void at_least_once_end::report_news() {
  const auto delivered = writer_->delivered();
  count_rejected();
  while (!requests_.empty() && requests_.front().segment && *requests_.front().segment <= delivered) {
    host().report(epoch_settled{self(), requests_.front().what.epoch});
    requests_.pop_front();
  }
  while (!snapshots_.empty() && snapshots_.front().segment <= delivered) {
    reports().on_taken(std::move(snapshots_.front().what));
    snapshots_.pop_front();
  }
  if (!last_segment_ || *last_segment_ > delivered || reported_end_ || (!settles_ && !end_state_))
    return;
  reported_end_ = true;
  if (settles_)
    host().report(sink_ended{self(), fired_until_});
  else
    reports().on_ended(std::move(*end_state_));
}

} // namespace leat
