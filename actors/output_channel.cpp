#include <leat/actors/output_channel.hpp>

#include <algorithm>
#include <utility>

namespace leat {

void output_channel::send(batch_ptr batch) {
  if (backlog_.empty() && gate_.try_spend())
    return deliver(std::move(batch));
  if (backlog_.empty())
    flow_->block();
  backlog_.emplace_back(std::move(batch));
}

void output_channel::send(const signal& s) {
  if (s.overtakes)
    return overtake(s, backlog_.end());
  if (end_said_)
    return;
  end_said_ = s.kind == signal_kind::end;
  if (backlog_.empty())
    deliver(s);
  else
    backlog_.emplace_back(s);
}

void output_channel::pull_forward(std::uint64_t epoch) {
  const auto at = std::ranges::find_if(backlog_, [&](const waiting& w) {
    const auto* const s = std::get_if<signal>(&w);
    return s && s->kind == signal_kind::barrier && s->epoch == epoch;
  });
  if (at != backlog_.end())
    overtake(signal::overtaking_barrier(epoch), at);
}

/// @param until where the barrier would stand.
void output_channel::overtake(const signal& barrier, std::deque<waiting>::const_iterator until) {
  if (ended_)
    return;
  for (auto at = backlog_.cbegin(); at != until; ++at)
    if (const auto* const batch = std::get_if<batch_ptr>(&*at))
      overtaken_.push_back(*batch);
  std::erase_if(backlog_, [&](const waiting& w) {
    const auto* const s = std::get_if<signal>(&w);
    return s && s->kind == signal_kind::barrier && s->epoch <= barrier.epoch;
  });
  deliver(barrier);
}

void output_channel::log_overtaken(in_flight_log& to) {
  for (const auto& batch : std::exchange(overtaken_, {}))
    to.add(*identity_, in_flight_place::unsent, *batch);
}

void output_channel::refund(std::uint32_t batches) {
  gate_.refund(batches);
  if (backlog_.empty())
    return;
  send_backlog();
  if (backlog_.empty())
    flow_->unblock();
}

void output_channel::send_backlog() {
  while (!backlog_.empty()) {
    auto& next = backlog_.front();
    if (auto* batch = std::get_if<batch_ptr>(&next)) {
      if (!gate_.try_spend())
        return;
      deliver(std::move(*batch));
    } else {
      deliver(std::get<signal>(next));
    }
    backlog_.pop_front();
  }
}

void output_channel::deliver(batch_ptr batch) { link_->deliver(data_message{input_, ++sequence_, std::move(batch)}); }

void output_channel::deliver(const signal& s) {
  ended_ = s.kind == signal_kind::end;
  if (s.kind == signal_kind::barrier)
    last_barrier_ = s.epoch;
  link_->deliver(signal_message{input_, ++sequence_, s});
}

} // namespace leat
