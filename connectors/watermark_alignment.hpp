#pragma once

#include <leat/base/time.hpp>

#include <optional>
#include <string>
#include <utility>

namespace leat {

/// How far a source may read ahead of others.
struct watermark_alignment {
  std::string group;    ///< the sources of the job that wait for one another; each of their partitions is a member
  duration max_drift{}; ///< how far a partition's watermark may be ahead of the least in the group

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const {
    if (group.empty())
      return "watermark_alignment takes the name of a group that is not empty";
    if (max_drift < duration::zero())
      return "watermark_alignment takes a span that is not negative";
    return {};
  }
};

/// Gives a description of a source the calls `watermark_alignment` and `idle_after`. `Spec` is the description itself.
template <class Spec>
class aligned_spec {
public:
  /// Has the partitions of this source, and of all sources of the job with the same `group`, wait for one another: one whose
  /// watermark is more than `max_drift` ahead of the least in the group is not read until the others have come closer. So
  /// a join or a merge need not keep what a fast source has read far ahead of a slow one. Partitions that are idle or have
  /// ended are not waited for.
  /// @returns a changed copy.
  Spec watermark_alignment(std::string group, duration max_drift) const {
    auto changed = static_cast<const Spec&>(*this);
    changed.alignment_ = leat::watermark_alignment{std::move(group), max_drift};
    return changed;
  }

  /// After so long without a record, a partition of this source is idle and holds no watermark up: in the place of the setting
  /// `time.idle-timeout`.
  /// @returns a changed copy.
  Spec idle_after(duration silence) const {
    auto changed = static_cast<const Spec&>(*this);
    changed.idle_after_ = silence;
    return changed;
  }

  // What `.source(…)` asks; a description that has no such members is not aligned, and idle as the setting says:
  [[nodiscard]] const std::optional<leat::watermark_alignment>& alignment() const { return alignment_; }
  [[nodiscard]] const std::optional<duration>& idle_timeout() const { return idle_after_; }

protected:
  ~aligned_spec() = default;

private:
  std::optional<leat::watermark_alignment> alignment_;
  std::optional<duration> idle_after_;
};

} // namespace leat
