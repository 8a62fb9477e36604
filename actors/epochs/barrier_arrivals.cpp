#include <leat/actors/epochs/barrier_arrivals.hpp>

#include <algorithm>

namespace leat {

void barrier_arrivals::on_signal(const signal_message& message) {
  auto& in = inputs_.at(message.input);
  if (message.signal.kind == signal_kind::end)
    in.ended = true;
  else if (message.signal.kind == signal_kind::barrier)
    in = {message.signal.epoch, message.sequence, false};
}

bool barrier_arrivals::any(std::uint64_t epoch) const noexcept {
  return std::ranges::any_of(inputs_, [&](const auto& i) { return i.second.epoch == epoch && i.second.sequence != 0; });
}

bool barrier_arrivals::all(std::uint64_t epoch) const noexcept {
  return std::ranges::all_of(inputs_, [&](const auto& i) { return i.second.ended || i.second.epoch >= epoch; });
}

bool barrier_arrivals::all_ended() const noexcept {
  return !inputs_.empty() && std::ranges::all_of(inputs_, [](const auto& i) { return i.second.ended; });
}

bool barrier_arrivals::before(std::uint64_t epoch, input_id input, std::uint64_t sequence) const {
  const auto& in = inputs_.at(input);
  return in.epoch < epoch || sequence < in.sequence;
}

} // namespace leat
