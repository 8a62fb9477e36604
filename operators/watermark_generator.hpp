#pragma once

#include <leat/base/time.hpp>

#include <algorithm>
#include <span>

namespace leat {

/// The watermark of one partition whose records are out of order by at most a known span.
///
/// After a record of time t, no record with a time <= t - bound - 1 ms is expected any more: that is the watermark (the
/// definition of Flink's BoundedOutOfOrdernessWatermarks). It starts at what an earlier run has settled and never goes back.
class watermark_generator {
public:
  /// @param bound how far behind the newest record another may be; not negative.
  explicit watermark_generator(duration bound, timestamp start = min_timestamp) : bound_{bound}, watermark_{start} {}

  /// Takes the event times of a batch.
  void on_times(std::span<const timestamp> times) noexcept {
    auto newest = newest_;
    for (const auto t : times)
      newest = std::max(newest, t);
    newest_ = newest;
    if (newest_ > min_timestamp + bound_)
      watermark_ = std::max(watermark_, newest_ - bound_ - duration{1});
  }

  [[nodiscard]] timestamp watermark() const noexcept { return watermark_; }

private:
  const duration bound_;
  timestamp newest_ = min_timestamp;
  timestamp watermark_;
};

} // namespace leat
