#include <leat/connectors/http/circuit_breaker.hpp>

#include <algorithm>
#include <stdexcept>

namespace leat {

circuit_breaker::circuit_breaker(breaker_options options) : options_{options}, failed_(options.calls) {
  if (options.calls == 0 || !(options.failures > 0 && options.failures <= 1))
    throw std::invalid_argument{
      "a circuit breaker looks at one call at least, and opens at a share of failures above 0, up to 1"};
}

bool circuit_breaker::allows(clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (state_ == state::closed)
    return true;
  if (state_ == state::half_open || now - opened_ < options_.open_for)
    return false;
  state_ = state::half_open;
  return true;
}

/// What was allowed while it was closed says nothing any more once it is open.
bool circuit_breaker::note(bool succeeded, clock::time_point now) {
  const std::lock_guard lock{mutex_};
  if (state_ == state::open)
    return false;
  if (state_ == state::half_open) {
    state_ = succeeded ? state::closed : state::open;
    opened_ = now;
    forget();
    return true;
  }
  if (known_ == failed_.size())
    failures_ -= failed_[next_] ? 1 : 0;
  else
    ++known_;
  failed_[next_] = !succeeded;
  failures_ += succeeded ? 0 : 1;
  next_ = (next_ + 1) % failed_.size();
  if (known_ < failed_.size() || static_cast<double>(failures_) < options_.failures * static_cast<double>(known_))
    return false;
  state_ = state::open;
  opened_ = now;
  forget();
  return true;
}

void circuit_breaker::forget() { next_ = known_ = failures_ = 0; }

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
