#pragma once

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/key_group.hpp>
#include <leat/operators/step.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// How far the keys of some groups were in event time, as it is saved.
struct groups_watermark {
  timestamp watermark{};
  std::uint32_t first_group = 0;
  std::uint32_t end_group = 0; ///< the one behind the last
};
BOOST_DESCRIBE_STRUCT(groups_watermark, (), (watermark, first_group, end_group))

/// How far event time was in the shards that a step was saved by, for the shard that it is loaded into.
///
/// At a barrier that overtakes, one shard may have been told of a later watermark than another one. What it had fired for its keys must
/// not fire again, and records on their way to the other must not be late. So the step goes on from the least watermark of
/// those shards whose keys it gets, and is told here which keys are ahead of it, until it has caught up.
///
/// Owned by one step; not thread-safe.
class shard_times {
public:
  /// @param of outlives this.
  explicit shard_times(const step_context& of) : of_{&of} {}

  /// Saves how far the step is, and the keys that are ahead of it: an entry for all, for each range of key groups.
  void save(std::string_view state, timestamp watermark, state_writer& to) const {
    const auto put = [&](const range& groups, timestamp time) {
      if (groups.first < groups.end && time != min_timestamp)
        to.put({state, encoded(groups_watermark{time, groups.first, groups.end}), {}, state_owner::all});
    };
    auto rest = own();
    for (const auto& p : parts_) {
      if (p.watermark <= watermark)
        continue;
      put({rest.first, p.groups.first}, watermark);
      put(p.groups, p.watermark);
      rest.first = p.groups.end;
    }
    put(rest, watermark);
  }
  [[nodiscard]] static const encoded_type& key_type() { return encoded_type_of<groups_watermark>(); }

  /// Takes the key of such an entry.
  void load(std::string_view key) {
    const auto [watermark, first, end] = decoded<groups_watermark>(key);
    const range both{std::max(first, own().first), std::min(end, own().end)};
    if (both.first >= both.end)
      return;
    const part added{both, watermark};
    parts_.insert(
      std::ranges::upper_bound(parts_, added.groups.first, {}, [](const part& p) { return p.groups.first; }), added);
  }

  /// The least of what was loaded; `min_timestamp` when nothing is known of some of the shard's keys.
  [[nodiscard]] timestamp least() const {
    auto unknown = own().end - own().first;
    auto least = max_timestamp;
    for (const auto& p : parts_) {
      unknown -= std::min(unknown, p.groups.end - p.groups.first);
      least = std::min(least, p.watermark);
    }
    return unknown == 0 ? least : min_timestamp;
  }

  /// The step has passed on this watermark: those that are not ahead of it are forgotten.
  void pass(timestamp watermark) {
    if (!parts_.empty())
      std::erase_if(parts_, [&](const part& p) { return p.watermark <= watermark; });
  }

  /// Whether no key is ahead.
  [[nodiscard]] bool empty() const noexcept { return parts_.empty(); }

  /// How far a key was whose hash is this; `min_timestamp` when it is not ahead.
  [[nodiscard]] timestamp of(std::uint64_t hash) const {
    const auto group = key_group_of(hash, of_->max_parallelism);
    for (const auto& p : parts_)
      if (p.groups.first <= group && group < p.groups.end)
        return p.watermark;
    return min_timestamp;
  }

private:
  struct range {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
  };
  struct part {
    range groups;
    timestamp watermark;
  };

  /// The key groups of the shard.
  [[nodiscard]] range own() const noexcept {
    const std::uint64_t parallelism = std::max(of_->parallelism, 1U);
    const auto first = [&](std::uint64_t shard) {
      return static_cast<std::uint32_t>((shard * of_->max_parallelism + parallelism - 1) / parallelism);
    };
    return {first(of_->instance), first(of_->instance + 1ULL)};
  }

  const step_context* of_;
  std::vector<part> parts_; // in their order, apart from one another
};

} // namespace leat
