#include <leat/actors/tasks/task_outputs.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

namespace leat {

void task_outputs::refund(output_id output, std::uint32_t batches) {
  auto rest = output;
  for (auto& e : exchanges_) {
    if (rest < e->channels())
      return e->channel(rest).refund(batches);
    rest -= static_cast<output_id>(e->channels());
  }
  throw protocol_error{fmt::format("credit came back for output {}, which does not exist", output)};
}

void task_outputs::on_signal(const signal& s) {
  for (auto& e : exchanges_)
    e->on_signal(s);
}

void task_outputs::pull_forward(std::uint64_t epoch) {
  for (const auto& e : exchanges_)
    e->pull_forward(epoch);
}

void task_outputs::log_overtaken(in_flight_log& to) {
  each_channel([&](output_channel& c) { c.log_overtaken(to); });
}

bool task_outputs::passed(std::uint64_t epoch) const noexcept {
  bool all = true;
  each_channel([&](const output_channel& c) { all &= c.passed(epoch); });
  return all;
}

bool task_outputs::backlogged() const noexcept {
  bool any = false;
  each_channel([&](const output_channel& c) { any |= c.backlogged(); });
  return any;
}

void task_outputs::flush() {
  for (auto& e : exchanges_)
    e->flush();
}

bool task_outputs::flushable() noexcept {
  for (auto& e : exchanges_)
    if (e->flushable())
      return true;
  return false;
}

} // namespace leat
