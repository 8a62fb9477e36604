#include <leat/actors/reading_times.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <set>

namespace leat {

namespace {

/// The stages that records of a source may come to.
std::set<std::size_t> stages_behind(const dataflow_plan& plan, std::size_t source) {
  std::set<std::size_t> seen;
  auto next = targets_of(plan.stages[source]);
  while (!next.empty()) {
    const auto here = next.back();
    next.pop_back();
    if (!seen.insert(here).second)
      continue;
    for (const auto target : targets_of(plan.stages[here]))
      next.push_back(target);
  }
  return seen;
}

} // namespace

void warn_of_reading_times(const dataflow_plan& plan, const event_time_windows_of& windows_of) {
  for (std::size_t s = 0; s < plan.stages.size(); ++s) {
    const auto& from = plan.stages[s];
    if (!from.source || !from.source->timed_by_reading())
      continue;
    std::string names;
    for (const auto stage : stages_behind(plan, s))
      for (const auto& step : windows_of(stage))
        names += fmt::format("{}'{}'", names.empty() ? "" : ", ", step);
    if (names.empty())
      continue;
    spdlog::warn(
      "source '{}' gives each record the time at which it is read, and there are windows of event time behind it, in {}: "
      "what they hold depends on how fast this run reads. If the records have times, give the source "
      ".event_time(&record::time, late_by(5s)); if it shall be so, make the windows of processing time",
      from.name, names);
  }
}

} // namespace leat
