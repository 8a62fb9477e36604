#pragma once

#include <leat/base/described_struct.hpp>
#include <leat/base/time.hpp>

#include <compare>
#include <numeric>
#include <string>

namespace leat {

/// A span of event time: from `start` up to, but not including, `end`.
struct time_window {
  timestamp start{};
  timestamp end{};
  BOOST_DESCRIBE_CLASS(time_window, (), (start, end), (), ())

  /// The last millisecond that belongs to it: the window fires when the watermark gets here.
  [[nodiscard]] constexpr timestamp last() const noexcept { return end - duration{1}; }

  friend auto operator<=>(const time_window&, const time_window&) = default; // by start
};

/// Windows of one size that start every `slide`, aligned to the epoch plus `offset`. Tumbling when both are equal.
///
/// All of a job's windows are cut into slices, `slice()` long, such that every window is a run of whole slices: a record is
/// added to one slice, however many windows it falls into (Krishnamurthy et al. 2006, "On-the-fly sharing for streamed
/// aggregation").
class window_spec {
public:
  /// A size or slide that is not positive makes a spec that only `mistake` may be asked of.
  window_spec(duration size, duration slide, duration offset) : size_{size}, slide_{slide} {
    if (size <= duration::zero() || slide <= duration::zero())
      return;
    slice_ = duration{std::gcd(size.count(), slide.count())};
    offset_ = duration{floor_mod(offset.count(), slide.count())};
  }

  /// What is wrong with the spec, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const {
    if (size_ > duration::zero() && slide_ > duration::zero())
      return {};
    return "a window needs a size and a slide above 0 ms, not " + std::to_string(size_.count()) + " ms and " +
           std::to_string(slide_.count()) + " ms";
  }

  /// As it is written in a program: `tumbling(10min)`, `sliding(1h, 5min, 30s)`.
  [[nodiscard]] std::string to_text() const {
    auto text = size_ == slide_ ? "tumbling(" + format_duration(size_)
                                : "sliding(" + format_duration(size_) + ", " + format_duration(slide_);
    if (offset_ != duration::zero())
      text += ", " + format_duration(offset_);
    return text + ")";
  }

  [[nodiscard]] duration size() const noexcept { return size_; }
  [[nodiscard]] duration slide() const noexcept { return slide_; }
  [[nodiscard]] duration slice() const noexcept { return slice_; }

  /// Start of the slice that `t` falls into.
  [[nodiscard]] timestamp slice_start(timestamp t) const noexcept { return align(t, slice_); }

  /// The last window that starts at or before `t`. It holds `t`, unless windows leave gaps (slide > size).
  [[nodiscard]] time_window last_window(timestamp t) const noexcept {
    const auto start = align(t, slide_);
    return {start, start + size_};
  }

  /// The first window that ends after `t`.
  [[nodiscard]] time_window first_window_ending_after(timestamp t) const noexcept {
    const auto start = align(t - size_, slide_) + slide_;
    return {start, start + size_};
  }

  /// The window after `w`.
  [[nodiscard]] time_window next(time_window w) const noexcept { return {w.start + slide_, w.end + slide_}; }

private:
  static constexpr std::int64_t floor_mod(std::int64_t a, std::int64_t b) noexcept {
    const auto r = a % b;
    return r < 0 ? r + b : r;
  }

  [[nodiscard]] timestamp align(timestamp t, duration step) const noexcept {
    return t - duration{floor_mod(to_millis(t) - offset_.count(), step.count())};
  }

  duration size_;
  duration slide_;
  duration slice_{};
  duration offset_{}; // in [0, slide)
};

/// Windows side by side: `tumbling(1min)`; with an offset, `tumbling(24h, -8h)` are days in UTC+8.
inline window_spec tumbling(duration size, duration offset = duration::zero()) { return {size, size, offset}; }

/// Windows that overlap: `sliding(1h, 5min)` is the last hour, every five minutes.
inline window_spec sliding(duration size, duration slide, duration offset = duration::zero()) {
  return {size, slide, offset};
}

} // namespace leat
