#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace leat::bench {

constexpr std::size_t format_records = 1'024; // a batch

/// What one core does in a second.
struct rate {
  double records = 0;
  double megabytes = 0;
};

/// The median of seven rounds of half a second, behind one that warms up.
/// @param once does `format_records` records and says how many bytes they are.
template <class Once>
rate measured(Once once) {
  constexpr int rounds = 7;
  constexpr auto round_time = std::chrono::milliseconds{500};
  using clock_type = std::chrono::steady_clock;
  std::vector<double> seconds;
  double bytes = 0;
  for (int round = 0; round <= rounds; ++round) {
    int times = 0;
    const auto began = clock_type::now();
    for (; clock_type::now() - began < round_time; ++times)
      bytes = static_cast<double>(once());
    if (round > 0)
      seconds.push_back(std::chrono::duration<double>(clock_type::now() - began).count() / times);
  }
  std::ranges::nth_element(seconds, seconds.begin() + rounds / 2);
  const auto median = seconds[rounds / 2];
  return {format_records / median, bytes / median / 1e6};
}

[[noreturn]] inline void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

} // namespace leat::bench
