#pragma once

#include <leat/base/time.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

namespace leat {

/// How often a failed call is tried again, and after what time: the delay grows with each attempt.
struct async_retries {
  std::uint32_t attempts = 1;     ///< in all, the first included
  duration first_delay{100};      ///< before the second attempt; at least 1 ms goes by
  double growth = 2;              ///< each further delay is so many times the one before
  duration longest_delay{10'000}; ///< but never above this

  /// The delay after attempt `n`, counted from 1, has failed.
  [[nodiscard]] duration delay_after(std::uint32_t n) const {
    const auto millis = first_delay == duration::zero()
                          ? 0
                          : static_cast<double>(first_delay.count()) * std::pow(growth, n - 1); // may be infinite
    const bool below = millis < static_cast<double>(longest_delay.count());
    return std::max(duration{1}, below ? duration{static_cast<std::int64_t>(millis)} : longest_delay);
  }
};

/// How a step makes asynchronous calls: `{.capacity = 200, .timeout = 2s, .ordered = false}`.
struct async_options {
  std::size_t capacity = 100; ///< calls on their way at a time, per actor; further records wait
  duration timeout{60'000};   ///< for one record, all attempts together; `duration::max()`: none
  bool ordered = true;        ///< results in the order of their records; false: as they come, between two watermarks
  async_retries retries{};

  /// What is wrong with them, for a person; empty when they can be used.
  [[nodiscard]] std::string mistake() const {
    if (capacity == 0)
      return "async(…) needs a capacity of at least 1";
    if (timeout <= duration::zero())
      return "async(…) needs a timeout above 0 ms";
    if (retries.attempts == 0)
      return "async(…) makes at least 1 attempt";
    if (retries.first_delay < duration::zero() || retries.longest_delay < duration::zero())
      return "async(…): the delays before it tries again, retries.first_delay and .longest_delay, are at least 0 ms";
    if (!(retries.growth >= 1))
      return "async(…): retries.growth is at least 1, for no delay is shorter than the one before";
    return {};
  }
};

} // namespace leat
