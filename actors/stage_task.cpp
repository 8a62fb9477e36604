#include <leat/actors/stage_task.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <cassert>
#include <utility>

namespace leat {

stage_task::stage_task(std::string name, std::uint32_t instance, metrics& registry)
  : name_{std::move(name)}, chain_{name_, registry}, keep_merged_{[this](const signal& s) { merged_.push_back(s); }},
    records_in_{registry.get("stage_records_in", name_, instance)},
    batches_in_{registry.get("stage_batches_in", name_, instance)}, most_held_{registry.get(
                                                                      "mailbox_batches_peak", name_, instance)},
    credit_granted_{registry.get("mailbox_credit_granted", name_, instance)}, input_watermark_{registry.get(
                                                                                "input_watermark", name_, instance)} {
  input_watermark_.set(to_millis(min_timestamp));
}

void stage_task::add_input(
  input_id input, std::uint64_t first_epoch, std::uint32_t credit, std::shared_ptr<upstream_link> sender,
  std::optional<std::size_t> stage, std::size_t to_input) {
  ports_[input] = input_port{std::move(sender), 0, 0, credit, to_input};
  merge_.add(input, first_epoch, stage);
  granted_ += credit;
  credit_granted_.set(granted_);
}

void stage_task::on_data(data_message message) {
  auto& from = port(message.input, message.sequence);
  ++held_;
  if (++from.held > from.credit)
    throw protocol_error{fmt::format(
      "{}: input {} has {} batches waiting, more than the {} granted", name_, message.input, from.held, from.credit)};
  most_held_.raise_to(held_);
  inbox_.emplace_back(std::move(message));
  work();
}

void stage_task::on_signal(const signal_message& message) {
  port(message.input, message.sequence);
  inbox_.emplace_back(message);
  work();
}

void stage_task::on_credit(const credit_message& message) {
  outputs_.refund(message.output, message.batches);
  work();
}

void stage_task::on_wake() {
  if (end_)
    end_->on_wake();
  work();
}

void stage_task::on_settle(const settle_epoch& request) {
  assert(end_);
  end_->on_settle(request);
}

void stage_task::run() {
  flush_scheduled_ = false;
  outputs_.flush();
}

stage_task::input_port& stage_task::port(input_id input, std::uint64_t sequence) {
  const auto found = ports_.find(input);
  if (found == ports_.end())
    throw protocol_error{fmt::format("{}: a message came on input {}, which is not open", name_, input)};
  auto& p = found->second;
  if (sequence != p.sequence + 1)
    throw protocol_error{
      fmt::format("{}: message {} came on input {} after message {}: one was lost", name_, sequence, input, p.sequence)};
  p.sequence = sequence;
  return p;
}

void stage_task::on_processing_time() {
  wake_up_at_ = max_timestamp;
  work();
}

void stage_task::work() {
  chain_.clock().advance_to(host_->now());
  if (settled_ != min_timestamp)
    into_chain(signal::watermark(std::exchange(settled_, min_timestamp)));
  while (true) {
    if (!chain_.resume())
      break;
    if (end_)
      end_->on_fired_until(merge_.fired_until());
    if (!merged_.empty()) {
      const auto next = merged_.front();
      merged_.pop_front();
      into_chain(next);
      continue;
    }
    finish_batch();
    if (chain_.next_processing_time() <= chain_.clock().now()) {
      chain_.on_processing_time();
      continue;
    }
    if (inbox_.empty())
      break;
    auto next = std::move(inbox_.front());
    inbox_.pop_front();
    std::visit([this](auto& message) { work_on(message); }, next);
  }
  ask_for_wake_up();
  if (!flush_scheduled_ && outputs_.flushable()) {
    flush_scheduled_ = true;
    host_->run_later();
  }
}

void stage_task::into_chain(const signal& s) {
  if (s.kind == signal_kind::watermark)
    input_watermark_.set(to_millis(s.time));
  chain_.on_signal(s);
}

actor_time stage_task::time() const {
  actor_time now;
  now.watermark = watermark();
  now.idle = merge_.idle();
  now.ended = merge_.ended();
  now.blocked = !chain_.ready();
  now.steps = chain_.watermarks();
  now.inputs = merge_.inputs();
  now.held_by = merge_.held_by();
  now.waiting = held_;
  return now;
}

/// A chain whose flow is blocked hears of the time when it is not: no wake-up helps it.
void stage_task::ask_for_wake_up() {
  const auto next = chain_.next_processing_time();
  if (next >= wake_up_at_ || chain_.flow().blocked())
    return;
  wake_up_at_ = next;
  host_->wake_at(next);
}

void stage_task::work_on(data_message& message) {
  records_in_.add(static_cast<std::int64_t>(message.batch->size()));
  batches_in_.add(1);
  merge_.on_data(message.input);
  unfinished_ = &ports_.at(message.input);
  chain_.on_batch(std::move(message.batch), unfinished_->to_input);
}

void stage_task::work_on(const signal_message& message) { merge_.on_signal(message.input, message.signal, keep_merged_); }

void stage_task::finish_batch() {
  if (!unfinished_)
    return;
  --held_;
  --unfinished_->held;
  unfinished_->sender->refund(1);
  unfinished_ = nullptr;
}

} // namespace leat
