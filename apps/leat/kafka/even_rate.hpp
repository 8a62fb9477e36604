#pragma once

#include <algorithm>
#include <chrono>

namespace leat::cli {

/// When records may be sent so that there are so many a second, evenly. Time that was lost, as while a broker was away, is not made
/// up for beyond a hundredth of a second: nobody gets a burst.
class even_rate {
public:
  using clock = std::chrono::steady_clock;

  /// @param per_second above 0.
  explicit even_rate(double per_second)
    : between_{std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{1 / per_second})} {}

  /// How long to wait before the next record; 0 or less: not at all.
  [[nodiscard]] clock::duration wait(clock::time_point now) const { return next_ - now; }

  /// One was sent.
  void sent(clock::time_point now) { next_ = std::max(next_, now - std::chrono::milliseconds{10}) + between_; }

private:
  const clock::duration between_;
  clock::time_point next_{};
};

} // namespace leat::cli
