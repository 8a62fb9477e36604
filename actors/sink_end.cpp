#include <leat/actors/sink_end.hpp>

#include <utility>

namespace leat {

sink_end::sink_end(
  actor_id self, std::unique_ptr<sink_writer> writer, flow& chain, metric& records_out, metric& dead_letters)
  : self_{self}, writer_{std::move(writer)}, flow_{&chain}, records_out_{records_out}, dead_letters_{dead_letters} {}

void sink_end::on_batch(batch_ptr in) {
  const bool first = waiting_.empty();
  waiting_.push_back({std::move(in), 0});
  if (!first)
    return;
  write_waiting();
  if (!waiting_.empty())
    flow_->block();
}

void sink_end::on_signal(const signal& s) {
  switch (s.kind) {
  case signal_kind::barrier:
    host_->report(barrier_arrived{self_, s.epoch, s.time, fired_until_});
    break;
  case signal_kind::watermark: // the merged one leaves out idle inputs: see on_fired_until
  case signal_kind::idle:
    break;
  case signal_kind::end:
    last_segment_ = writer_->finish();
    break;
  }
  report_delivered();
}

void sink_end::on_fired_until(timestamp time) {
  if (time == fired_until_)
    return;
  fired_until_ = time;
  mark_reached();
  report_delivered();
}

void sink_end::on_wake() {
  if (!waiting_.empty()) {
    write_waiting();
    if (waiting_.empty())
      flow_->unblock();
  }
  report_delivered();
}

void sink_end::on_settle(const settle_epoch& request) {
  requests_.push_back({request, {}});
  mark_reached();
  report_delivered();
}

void sink_end::write_waiting() {
  while (!waiting_.empty()) {
    auto& [in, next] = waiting_.front();
    const auto taken = writer_->write(*in, next);
    records_out_.add(static_cast<std::int64_t>(taken));
    count_rejected();
    next += taken;
    if (next < in->size())
      return;
    waiting_.pop_front();
  }
}

void sink_end::mark_reached() {
  std::optional<std::uint64_t> segment;
  for (auto& r : requests_) {
    if (r.segment || r.what.settled > fired_until_)
      continue;
    if (!segment)
      segment = writer_->mark();
    r.segment = segment;
  }
}

void sink_end::report_delivered() {
  const auto delivered = writer_->delivered();
  count_rejected();
  while (!requests_.empty() && requests_.front().segment && *requests_.front().segment <= delivered) {
    host_->report(epoch_settled{self_, requests_.front().what.epoch});
    requests_.pop_front();
  }
  if (last_segment_ && *last_segment_ <= delivered && !reported_end_) {
    reported_end_ = true;
    host_->report(sink_ended{self_, fired_until_});
  }
}

void sink_end::count_rejected() {
  const auto now = writer_->rejected();
  const auto more = static_cast<std::int64_t>(now - std::exchange(rejected_, now));
  records_out_.add(-more);
  dead_letters_.add(more);
}

} // namespace leat
