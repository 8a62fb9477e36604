#pragma once

#include <leat/base/time.hpp>

#include <chrono>

namespace leat {

/// The wall clock as it was when first asked for, and from then on what the steady clock has counted: processing time that
/// goes on evenly when somebody sets the machine's clock. Thread-safe.
inline timestamp steady_wall_clock() {
  using steady = std::chrono::steady_clock;
  static const auto started_at = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  static const auto started = steady::now();
  return started_at + std::chrono::duration_cast<duration>(steady::now() - started);
}

} // namespace leat
