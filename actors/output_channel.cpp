#include <leat/actors/output_channel.hpp>

namespace leat {

void output_channel::send(batch_ptr batch) {
  if (backlog_.empty() && gate_.try_spend())
    return deliver(std::move(batch));
  if (backlog_.empty())
    flow_->block();
  backlog_.emplace_back(std::move(batch));
}

void output_channel::send(const signal& s) {
  if (backlog_.empty())
    deliver(s);
  else
    backlog_.emplace_back(s);
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

void output_channel::deliver(const signal& s) { link_->deliver(signal_message{input_, ++sequence_, s}); }

} // namespace leat
