#include <leat/connectors/lookups/circuit_breaker.hpp>

#include <algorithm>
#include <stdexcept>

namespace leat {

circuit_breaker::circuit_breaker(breaker_options options) : options_{options}, failed_(options.calls) {
  if (options.calls == 0 || !(options.failures > 0 && options.failures <= 1))
    throw std::invalid_argument{
      "a circuit breaker looks at one call at least, and opens at a share of failures above 0, up to 1"};
}

std::optional<circuit_breaker::ticket> circuit_breaker::allow(clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (state_ == state::closed)
    return changes_;
  if (state_ == state::half_open || now - opened_ < options_.open_for)
    return std::nullopt;
  turn(state::half_open, now);
  return changes_;
}

bool circuit_breaker::note(ticket call, bool succeeded, clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (call != changes_)
    return false;
  if (state_ == state::half_open)
    return turn(succeeded ? state::closed : state::open, now);
  if (known_ == failed_.size())
    failures_ -= failed_[next_] ? 1 : 0;
  else
    ++known_;
  failed_[next_] = !succeeded;
  failures_ += succeeded ? 0 : 1;
  next_ = (next_ + 1) % failed_.size();
  if (known_ < failed_.size() || static_cast<double>(failures_) < options_.failures * static_cast<double>(known_))
    return false;
  return turn(state::open, now);
}

bool circuit_breaker::turn(state to, clock::time_point now) {
  state_ = to;
  ++changes_;
  opened_ = now;
  next_ = known_ = failures_ = 0;
  return true;
}

circuit_breaker::state circuit_breaker::current() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

std::string_view to_text(circuit_breaker::state s) noexcept {
  switch (s) {
  case circuit_breaker::state::open:
    return "open";
  case circuit_breaker::state::half_open:
    return "half open";
  default:
    return "closed";
  }
}

} // namespace leat
