#pragma once

#include <leat/actors/time/alignment_group.hpp>

#include <optional>

namespace leat {

/// A partition's side of watermark alignment: whether it may read on, and what it has to report.
///
/// Before the first limit it may read until it has a watermark. Lives in the partition's actor; not thread-safe.
class alignment_member {
public:
  /// How exactly the group must know the watermark.
  enum class precision {
    rough, ///< to a fraction of the drift: asked behind every few batches
    exact, ///< to the millisecond: asked now and then
  };

  alignment_member(actor_id self, duration max_drift) noexcept : self_{self}, max_drift_{max_drift} {}

  /// Whether more may be read, at this watermark.
  [[nodiscard]] bool may_read(timestamp watermark) const noexcept { return watermark <= limit_; }

  [[nodiscard]] timestamp limit() const noexcept { return limit_; }
  void set_limit(timestamp limit) noexcept { limit_ = limit; }

  /// What the group has to hear now; nothing when it knows enough. Who may not read on, falls idle, wakes or ends is heard at
  /// once.
  [[nodiscard]] std::optional<watermark_report>
  report(timestamp watermark, bool idle, bool ended, precision how = precision::rough) {
    const watermark_report now{self_, watermark, idle, ended};
    if (said_ && !worth_it(*said_, now, how))
      return std::nullopt;
    said_ = now;
    return now;
  }

private:
  [[nodiscard]] bool worth_it(const watermark_report& before, const watermark_report& now, precision how) const {
    if (now.idle != before.idle || now.ended != before.ended)
      return true;
    if (now.watermark == before.watermark)
      return false;
    return how == precision::exact || !may_read(now.watermark) ||
           now.watermark >= saturating_add(before.watermark, report_interval(max_drift_));
  }

  const actor_id self_;
  const duration max_drift_;
  timestamp limit_ = min_timestamp;
  std::optional<watermark_report> said_;
};

} // namespace leat
