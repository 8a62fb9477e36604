#pragma once

#include <leat/messages/watermark_strategy.hpp>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

namespace leat {

/// The watermark of one partition: what its strategy says, from what an earlier run has settled on, and never back.
class watermark_generator {
public:
  explicit watermark_generator(std::unique_ptr<watermark_strategy> strategy, timestamp start = min_timestamp)
    : strategy_{std::move(strategy)}, watermark_{start} {}

  /// Takes the event times of a batch. @throws what a user's strategy throws.
  void on_times(std::span<const timestamp> times) {
    strategy_->on_times(times);
    for (const auto t : times)
      newest_ = std::max(newest_, t);
    watermark_ = std::max(watermark_, strategy_->watermark());
  }

  [[nodiscard]] timestamp watermark() const noexcept { return watermark_; }

  /// The newest event time so far; `min_timestamp` before the first.
  [[nodiscard]] timestamp newest() const noexcept { return newest_; }

private:
  std::unique_ptr<watermark_strategy> strategy_;
  timestamp watermark_;
  timestamp newest_ = min_timestamp;
};

} // namespace leat
