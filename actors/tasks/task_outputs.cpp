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
