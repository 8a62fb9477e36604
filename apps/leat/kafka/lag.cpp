#include <leat/apps/leat/kafka/lag.hpp>

#include <leat/apps/leat/text_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace leat::cli {

std::optional<std::uint64_t> partition_lag::lag() const {
  if (!next || !range.problem.empty())
    return std::nullopt;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, range.end - std::max(*next, range.begin)));
}

std::string partition_lag::note() const {
  if (!range.problem.empty())
    return range.problem;
  if (!next)
    return "nothing committed";
  if (*next < range.begin)
    return fmt::format("{} are gone unread (retention)", with_commas(static_cast<std::uint64_t>(range.begin - *next)));
  if (*next > range.end)
    return "committed beyond the end: was the topic created anew?";
  return {};
}

std::vector<partition_lag> lag_of(const cluster_view& on, const std::string& group, const std::string& topic) {
  std::map<partition, std::optional<std::int64_t>> next;
  for (const auto& committed : committed_by(on, group))
    if (topic.empty() || committed.of.topic == topic) {
      next[committed.of] = committed.next;
      for (const auto& other : on.find_topic(committed.of.topic).value_or(topic_facts{}).all())
        next.try_emplace(other, std::nullopt);
    }
  std::vector<partition> all;
  for (const auto& [of, offset] : next)
    all.push_back(of);
  std::vector<partition_lag> found;
  for (auto& range : on.ranges(all)) {
    const auto committed = next.at(range.of);
    found.push_back({group, std::move(range), committed});
  }
  return found;
}

} // namespace leat::cli
