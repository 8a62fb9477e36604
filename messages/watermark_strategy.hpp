#pragma once

#include <leat/base/time.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <span>

namespace leat {

/// Says how far the event time of one partition has come. A user's own is a class of this kind; each partition has one.
///
/// Lives in the partition's actor; not thread-safe.
class watermark_strategy {
public:
  virtual ~watermark_strategy() = default;

  /// Takes the event times of a batch, in the order in which its records were read.
  virtual void on_times(std::span<const timestamp> times) = 0;

  /// Up to which time, itself included, no record is expected any more; `min_timestamp` when nothing can be said yet. What
  /// was said is not taken back: a watermark that is less than one before has no effect.
  [[nodiscard]] virtual timestamp watermark() const = 0;
};

/// Makes the strategy of each partition of a source.
using make_watermark_strategy = std::function<std::unique_ptr<watermark_strategy>()>;

/// For records that are out of order by at most a known span: after a record of time t, none with a time up to
/// t - bound - 1 ms is expected any more (the definition of Flink's BoundedOutOfOrdernessWatermarks).
class bounded_out_of_orderness final : public watermark_strategy {
public:
  /// @param bound how far behind the newest record another may be; not negative.
  explicit bounded_out_of_orderness(duration bound) : bound_{bound} {}

  void on_times(std::span<const timestamp> times) override {
    for (const auto t : times)
      newest_ = std::max(newest_, t);
  }

  [[nodiscard]] timestamp watermark() const override {
    return newest_ > min_timestamp + bound_ ? newest_ - bound_ - duration{1} : min_timestamp;
  }

private:
  const duration bound_;
  timestamp newest_ = min_timestamp;
};

} // namespace leat
