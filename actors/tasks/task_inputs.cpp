#include <leat/actors/tasks/task_inputs.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace leat {

task_inputs::task_inputs(std::string name, std::uint32_t instance, metrics& registry)
  : name_{std::move(name)}, most_held_{registry.get("mailbox_batches_peak", name_, instance)},
    credit_granted_{registry.get("mailbox_credit_granted", name_, instance)} {}

void task_inputs::add(input_id input, port what) {
  granted_ += what.credit;
  credit_granted_.set(granted_);
  ports_[input] = std::move(what);
}

task_inputs::port& task_inputs::receive(input_id input, std::uint64_t sequence) {
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

void task_inputs::hold(input_id input, port& on) {
  ++held_;
  if (++on.held > on.credit)
    throw protocol_error{
      fmt::format("{}: input {} has {} batches waiting, more than the {} granted", name_, input, on.held, on.credit)};
  most_held_.raise_to(held_);
}

void task_inputs::finish(port& on) {
  --held_;
  --on.held;
  on.sender->refund(1);
}

} // namespace leat
