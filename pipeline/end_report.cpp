#include <leat/pipeline/end_report.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

namespace leat {

namespace {

void log_unread(const metrics& registry) {
  std::map<std::string, std::map<std::string, std::int64_t>> unread; // by step and output
  for (const auto& s : registry.samples())
    if (s.name == "unread_records" && s.value > 0)
      unread[s.step][s.output] += s.value;
  for (const auto& [step, outputs] : unread) {
    std::string counts;
    for (const auto& [output, records] : outputs)
      counts += fmt::format(
        "{}{} to {}", counts.empty() ? "" : ", ", records,
        output.empty() ? "its main output" : fmt::format("side output \"{}\"", output));
    spdlog::info(
      "step '{}' has emitted what nobody reads, and it was dropped: {}; see its .side_output(…), or the branches of its "
      ".split(…), if that is not what you want",
      step, counts);
  }
}

/// Where the dead letters of a step are, or why they are nowhere. They are counted when they are refused: of a job that has
/// failed, some may never have arrived.
std::string place_of_letters(const dataflow_plan& plan, const stage_plan& stage, bool written, bool failed) {
  if (!written)
    return "they were dropped (dead-letters.enabled)";
  const auto* writer = stage.dead_letters ? plan.stages[*stage.dead_letters].sink.get() : stage.sink.get();
  const auto place = writer ? writer->dead_letters_in() : std::string{};
  if (place.empty())
    return "they were dropped, for this connector writes none";
  return failed ? fmt::format("they were on their way to {} when the job failed", place) : "they are in " + place;
}

void log_dead_letters(const dataflow_plan& plan, const run_options& options, const metrics& registry, bool failed) {
  for (const auto& stage : plan.stages) {
    const auto dead = stage.takes_dead_letters ? 0 : registry.sum("dead_letters", stage.name);
    if (dead == 0)
      continue;
    const bool read = stage.kind == stage_kind::source;
    const auto all = read ? registry.sum("records_in", stage.name) : registry.sum("records_out", stage.name) + dead;
    const auto reason = registry.noted("first_refusal", stage.name);
    spdlog::log(
      dead >= all ? spdlog::level::err : spdlog::level::warn,
      "{} '{}' has {} {} record{}, and {} became dead letters: {}{}", read ? "source" : "sink", stage.name,
      read ? "read" : "been given", all, all == 1 ? "" : "s", dead >= all ? "ALL of them" : fmt::format("{} of them", dead),
      place_of_letters(plan, stage, options.dead_letters, failed), reason.empty() ? "" : "; the first reason: " + reason);
  }
}

/// The same of steps whose functions refuse records.
void log_refusals(const dataflow_plan& plan, const metrics& registry) {
  for (const auto& stage : plan.stages)
    for (const auto& step : stage.steps) {
      const auto dead = step.has_dead_letters ? registry.sum("dead_letters", step.name) : 0;
      if (dead == 0)
        continue;
      const auto all = registry.sum("examined_records", step.name);
      spdlog::log(
        dead >= all ? spdlog::level::err : spdlog::level::warn,
        "step '{}' has been given {} record{}, and {} became dead letters; the first reason: {}", step.name, all,
        all == 1 ? "" : "s", dead >= all ? "ALL of them" : fmt::format("{} of them", dead),
        registry.noted("first_refusal", step.name));
    }
}

void log_summary(const metrics& registry, std::chrono::steady_clock::duration took, bool failed) {
  const auto seconds = std::chrono::duration<double>(took).count();
  const auto in = registry.sum("records_in");
  spdlog::info(
    "{}: {} records in, {} out, {} late, {} dead letters in {:.1f} s ({:.0f} records/s)",
    failed ? "before it failed" : "done", in, registry.sum("records_out"), registry.sum("late_records"),
    registry.sum("dead_letters"), seconds, static_cast<double>(in) / std::max(seconds, 1e-3));
}

} // namespace

void log_end(
  const dataflow_plan& plan, const run_options& options, const metrics& registry, std::chrono::steady_clock::duration took,
  bool failed) {
  log_unread(registry);
  log_dead_letters(plan, options, registry, failed);
  log_refusals(plan, registry);
  log_summary(registry, took, failed);
}

} // namespace leat
