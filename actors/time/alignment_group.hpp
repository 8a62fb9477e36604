#pragma once

#include <leat/messages/control.hpp>

#include <map>
#include <vector>

namespace leat {

/// `t + d`, at most `max_timestamp`. @param d not negative.
[[nodiscard]] constexpr timestamp saturating_add(timestamp t, duration d) noexcept {
  return t > max_timestamp - d ? max_timestamp : t + d;
}

/// How much event time goes by between two reports, and between two limits, of a partition that is not held: few messages
/// however fast it is read, and a limit that moves before it is reached.
[[nodiscard]] constexpr duration report_interval(duration max_drift) noexcept { return max_drift / 4; }

/// The partitions that wait for one another, and how far each may read: up to its drift past the least watermark of those
/// that are neither idle nor ended. The semantics of Flink's watermark alignment, per partition.
///
/// - A member counts from the moment it is added, with a watermark of -inf: nobody runs ahead of one that has said nothing yet.
/// - The member with the least watermark is never held, so that somebody always goes on.
/// - A limit also falls: when a member is added or wakes that is further behind.
///
/// Decides only; owned by one actor, not thread-safe.
class alignment_group {
public:
  /// A limit that a member is to be told.
  struct news {
    actor_id source = 0;
    timestamp limit{};
  };

  /// @returns whom to tell what.
  [[nodiscard]] std::vector<news> add(actor_id source, duration max_drift);

  /// Takes what a member says; one that has ended is forgotten. @returns whom to tell what.
  [[nodiscard]] std::vector<news> on_report(const watermark_report& report);

private:
  struct member {
    duration max_drift{};
    timestamp watermark = min_timestamp;
    timestamp limit = min_timestamp; // what it was told last
    bool idle = false;
  };

  [[nodiscard]] std::vector<news> tell();

  std::map<actor_id, member> members_;
};

} // namespace leat
