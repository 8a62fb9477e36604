#pragma once

#include <leat/apps/fraud_alerts/records.hpp>
#include <leat/pipeline/console.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace leat::fraud {

/// An alert as one line for a person, without a line break.
[[nodiscard]] std::string alert_line(const alert& a, bool in_colour);

/// Prints alerts as they come, at most so many lines in a second; then it counts, and says how many there were.
///
/// Used by one thread.
class alert_printer {
public:
  using clock = std::chrono::steady_clock;

  /// @param to outlives the printer.
  alert_printer(console& to, bool in_colour, std::int64_t lines_per_second)
    : to_{to}, in_colour_{in_colour}, lines_per_second_{lines_per_second} {}

  void show(const alert& a, clock::time_point now);

  /// Says how many were left out of a second that is over. Call it now and then.
  void catch_up(clock::time_point now);

  /// The same at the end, whatever the time is.
  void finish();

private:
  console& to_;
  const bool in_colour_;
  const std::int64_t lines_per_second_;
  clock::time_point second_began_{};
  std::int64_t lines_ = 0; // in this second
  std::int64_t more_ = 0;  // left out in this second
};

} // namespace leat::fraud
