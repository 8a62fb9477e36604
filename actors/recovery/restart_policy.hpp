#pragma once

#include <leat/base/time.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace leat {

/// After which failures a job is started again in its process. The strategies, their names and meanings, are Flink's.
struct restart_options {
  enum class strategy {
    none,        ///< the first failure ends the job
    fixed_delay, ///< the same pause each time
    exponential, ///< longer and longer pauses, until the job has run for a while
    rate         ///< the same pause, and not too often in a certain time
  };

  strategy how = strategy::none;
  std::uint32_t attempts = 10;   ///< fixed delay: restarts in all. Exponential: in a row. Rate: within `window`
  duration delay = 1s;           ///< before a restart; exponential: before the first
  duration longest_delay = 1min; ///< exponential: no pause is longer
  double growth = 2;             ///< exponential: how much longer than the one before; at least 1
  duration calm = 10min;         ///< exponential: a job that has run for so long begins with the shortest pause again
  duration window = 5min;        ///< see `attempts`
};

/// Decides whether a job that has failed is started again, and when. No clock of its own; not thread-safe.
class restart_policy {
public:
  using clock = std::chrono::steady_clock;

  explicit restart_policy(restart_options how) : how_{how} {}

  /// An attempt has begun.
  void on_start(clock::time_point now) noexcept { started_ = now; }

  /// It has failed. @returns how long to wait before the next; none: it is over.
  [[nodiscard]] std::optional<duration> on_failure(clock::time_point now);

  /// The restarts decided so far.
  [[nodiscard]] std::uint64_t restarts() const noexcept { return restarts_; }

private:
  [[nodiscard]] bool allowed(clock::time_point now);
  [[nodiscard]] duration pause();

  const restart_options how_;
  clock::time_point started_{};
  std::uint32_t in_a_row_ = 0;
  std::deque<clock::time_point> recent_; // failures within the window
  std::uint64_t restarts_ = 0;
};

} // namespace leat
