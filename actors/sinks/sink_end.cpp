#include <leat/actors/sinks/sink_end.hpp>

#include <utility>

namespace leat {

sink_end::sink_end(actor_id self, flow& chain, metric& records_out, metric& dead_letters)
  : self_{self}, flow_{&chain}, records_out_{records_out}, dead_letters_{dead_letters} {}

void sink_end::on_batch(batch_ptr in) {
  const bool first = waiting_.empty();
  waiting_.push_back({std::move(in), 0});
  if (!first)
    return;
  flow_->block();
  write_waiting();
}

void sink_end::on_wake() {
  write_waiting();
  report_news();
}

void sink_end::write_waiting() {
  if (waiting_.empty())
    return;
  while (!waiting_.empty()) {
    auto& [in, next] = waiting_.front();
    const auto taken = write(*in, next);
    records_out_.add(static_cast<std::int64_t>(taken));
    count_rejected();
    next += taken;
    if (next < in->size())
      return;
    waiting_.pop_front();
  }
  flow_->unblock();
}

void sink_end::log_waiting(in_flight_log& to, const in_flight_channel& as) const {
  for (const auto& [in, next] : waiting_)
    to.add(as, in_flight_place::received, *in, next);
}

void sink_end::count_rejected() {
  const auto now = rejected();
  const auto more = static_cast<std::int64_t>(now - std::exchange(rejected_, now));
  records_out_.add(-more);
  dead_letters_.add(more);
}

} // namespace leat
