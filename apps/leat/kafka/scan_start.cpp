#include <leat/apps/leat/kafka/scan_start.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/group_view.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace leat::cli {

namespace {

/// What has been asked of the brokers once for all partitions, and decides where each begins.
struct beginning {
  const cluster_view& on;
  const std::vector<offset_range>& there;

  std::vector<std::int64_t> operator()(from_earliest) const {
    return each([](const offset_range& r) { return r.begin; });
  }
  std::vector<std::int64_t> operator()(from_latest) const {
    return each([](const offset_range& r) { return r.end; });
  }
  std::vector<std::int64_t> operator()(from_last wanted) const {
    return each([&](const offset_range& r) { return std::max(r.begin, r.end - wanted.count); });
  }
  std::vector<std::int64_t> operator()(from_offset wanted) const {
    return each([&](const offset_range& r) {
      if (wanted.offset < r.begin)
        throw connector_error{
          fmt::format("offset {} of {} is gone: the first one there is {}", wanted.offset, to_string(r.of), r.begin)};
      return std::min(wanted.offset, r.end);
    });
  }
  std::vector<std::int64_t> operator()(from_time wanted) const {
    std::vector<partition> all;
    for (const auto& r : there)
      all.push_back(r.of);
    const auto found = on.offsets_at(all, wanted.time);
    std::size_t i = 0;
    return each([&](const offset_range& r) { return found[i++].value_or(r.end); });
  }
  std::vector<std::int64_t> operator()(const from_group& wanted) const {
    const auto committed = committed_by(on, wanted.group);
    return each([&](const offset_range& r) {
      const auto found = std::ranges::find(committed, r.of, &committed_offset::of);
      if (found == committed.end())
        return r.begin;
      if (found->next < r.begin || found->next > r.end)
        throw connector_error{fmt::format(
          "group \"{}\" has committed offset {} of {}, which holds {} to {}: what it would read next is gone, or the topic "
          "was "
          "created anew. --from earliest reads what is there",
          wanted.group, found->next, to_string(r.of), r.begin, r.end)};
      return found->next;
    });
  }

private:
  template <class Decide>
  std::vector<std::int64_t> each(const Decide& decide) const {
    std::vector<std::int64_t> all;
    for (const auto& r : there)
      all.push_back(decide(r));
    return all;
  }
};

} // namespace

scan_start parse_start(std::string_view text) {
  if (text == "earliest")
    return from_earliest{};
  if (text == "latest")
    return from_latest{};
  std::int64_t offset = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (failed == std::errc{} && end == text.data() + text.size() && offset >= 0)
    return from_offset{offset};
  if (timestamp time; parse_timestamp(text, time))
    return from_time{time};
  throw config_error{fmt::format(
    "--from {}: expected earliest, latest, an offset, or a time such as 2024-05-01T12:00:00Z; --last N for the last ones",
    text)};
}

std::vector<scan_range> ranges_from(const cluster_view& on, const std::vector<partition>& of, const scan_start& from) {
  const auto there = on.ranges(of);
  for (const auto& r : there)
    if (!r.problem.empty())
      throw connector_error{
        fmt::format("the brokers {} do not tell what {} holds: {}", on.brokers(), to_string(r.of), r.problem)};
  const auto begins = std::visit(beginning{on, there}, from);
  std::vector<scan_range> all;
  for (std::size_t i = 0; i < there.size(); ++i)
    all.push_back({of[i], begins[i], there[i].end});
  return all;
}

} // namespace leat::cli
