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
  duration first_delay{100};      ///< before the second attempt
  double growth = 2;              ///< each further delay is so many times the one before
  duration longest_delay{10'000}; ///< but never above this

  /// The delay after attempt `n`, counted from 1, has failed.
  [[nodiscard]] duration delay_after(std::uint32_t n) const {
    const auto millis = static_cast<double>(first_delay.count()) * std::pow(growth, n - 1);
    return duration{static_cast<std::int64_t>(std::min(millis, static_cast<double>(longest_delay.count())))};
  }
};

/// How a step makes asynchronous calls: `{.capacity = 200, .timeout = 2s, .ordered = false}`.
struct async_options {
  std::size_t capacity = 100; ///< calls on their way at a time, per actor; further records wait
  duration timeout{60'000};   ///< for one record, all attempts together
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
    if (retries.first_delay < duration::zero() || retries.growth < 1)
      return "async(…) waits at least 0 ms before it tries again, and never less than before";
    return {};
  }
};

} // namespace leat
