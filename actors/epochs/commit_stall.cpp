#include <leat/actors/epochs/commit_stall.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace leat {

namespace {

constexpr auto patience = std::chrono::minutes{1};

/// "sink 'alerts'", "sinks 'alerts', 'totals'".
std::string listed(std::string_view what, const std::set<std::string>& names) {
  return fmt::format("{}{} '{}'", what, names.size() == 1 ? "" : "s", fmt::join(names, "', '"));
}

/// "source 'clicks' (at -inf)".
std::string listed(const std::map<std::string, timestamp>& sources) {
  std::vector<std::string> each;
  for (const auto& [name, watermark] : sources)
    each.push_back(fmt::format("'{}' (at {})", name, format_timestamp(watermark)));
  return fmt::format("source{} {}", each.size() == 1 ? "" : "s", fmt::join(each, ", "));
}

/// What holds the epoch up; empty when it is on its way.
std::string
reason(const epoch_wait& wait, const std::set<std::string>& sinks, const std::map<std::string, timestamp>& sources) {
  const auto waiting = listed("sink", sinks);
  if (!wait.settled)
    return fmt::format("what was read before is still on its way to {}: something there is slow", waiting);
  std::map<std::string, timestamp> behind;
  for (const auto& [name, watermark] : sources)
    if (watermark < *wait.settled)
      behind.emplace(name, watermark);
  if (behind.size() == sources.size() && !sources.empty())
    return {}; // no source has come so far: windows are open
  const auto time = format_timestamp(*wait.settled);
  if (behind.empty())
    return fmt::format("not everything up to event time {} is delivered by {}", time, waiting);
  return fmt::format("{} must wait for {} to reach event time {}, as others have", waiting, listed(behind), time);
}

} // namespace

std::string commit_stall::observe(
  clock::time_point now, const std::optional<epoch_wait>& wait, const std::map<actor_id, std::string>& sinks,
  const std::map<std::string, timestamp>& sources) {
  if (!wait || wait->epoch != epoch_) {
    epoch_ = wait ? wait->epoch : 0;
    begun_ = now;
    since_.reset();
  }
  if (!wait)
    return {};
  std::set<std::string> waiting;
  for (const auto sink : wait->sinks)
    waiting.insert(sinks.at(sink));
  const auto why = reason(*wait, waiting, sources);
  if (why.empty()) {
    since_.reset();
    return {};
  }
  if (!since_)
    since_ = now;
  if (now - *since_ < patience || (said_ && now - *said_ < patience))
    return {};
  said_ = now;
  return fmt::format(
    "nothing has been committed for {} s: {}. A restart would read again from the last commit",
    std::chrono::floor<std::chrono::seconds>(now - begun_).count(), why);
}

} // namespace leat
