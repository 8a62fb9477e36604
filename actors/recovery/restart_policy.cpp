#include <leat/actors/recovery/restart_policy.hpp>

#include <algorithm>
#include <cmath>

namespace leat {

std::optional<duration> restart_policy::on_failure(clock::time_point now) {
  if (!allowed(now))
    return std::nullopt;
  ++restarts_;
  return pause();
}

bool restart_policy::allowed(clock::time_point now) {
  switch (how_.how) {
  case restart_options::strategy::none:
    return false;
  case restart_options::strategy::fixed_delay:
    return in_a_row_++ < how_.attempts;
  case restart_options::strategy::exponential:
    if (now - started_ >= how_.calm)
      in_a_row_ = 0;
    return in_a_row_++ < how_.attempts;
  case restart_options::strategy::rate:
    while (!recent_.empty() && now - recent_.front() >= how_.window)
      recent_.pop_front();
    recent_.push_back(now);
    return recent_.size() <= how_.attempts;
  }
  return false;
}

duration restart_policy::pause() {
  if (how_.how != restart_options::strategy::exponential)
    return how_.delay;
  const auto grown = static_cast<double>(how_.delay.count()) * std::pow(how_.growth, in_a_row_ - 1);
  return std::min(how_.longest_delay, duration{static_cast<duration::rep>(std::min(grown, 1e15))});
}

} // namespace leat
