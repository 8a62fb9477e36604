#include <leat/actors/time/time_report.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace leat {

namespace {

using station = time_report::station;

/// "45 min 3 s", "250 ms": the largest unit and the one below it.
std::string span_text(duration span) {
  struct unit {
    const char* name;
    std::int64_t millis;
  };
  constexpr std::array units{
    unit{"d", 86'400'000}, unit{"h", 3'600'000}, unit{"min", 60'000}, unit{"s", 1'000}, unit{"ms", 1}};
  const auto millis = span.count();
  for (std::size_t u = 0; u < units.size(); ++u) {
    if (millis < units[u].millis && u + 1 < units.size())
      continue;
    auto text = fmt::format("{} {}", millis / units[u].millis, units[u].name);
    if (u + 1 < units.size())
      if (const auto rest = millis % units[u].millis / units[u + 1].millis; rest > 0)
        text += fmt::format(" {} {}", rest, units[u + 1].name);
    return text;
  }
  return {};
}

std::string watermark_text(timestamp watermark) {
  if (watermark == min_timestamp)
    return "no watermark yet";
  return watermark == max_timestamp ? "the end" : format_timestamp(watermark);
}

/// The watermark, and how far it is behind the newest event.
std::string progress_text(timestamp watermark, timestamp newest) {
  auto text = watermark_text(watermark);
  if (watermark != min_timestamp && newest > watermark)
    text += fmt::format(", {} behind the newest event", span_text(newest - watermark));
  return text;
}

std::string records_text(std::int64_t count, std::string_view what) {
  return fmt::format("{} {}record{}", count, what, count == 1 ? "" : "s");
}

std::string step_lines(const time_report& report) {
  std::size_t width = 0;
  for (const auto& stage : report.stages)
    for (const auto& s : stage.steps)
      width = std::max(width, s.name.size());
  std::string text = "watermarks of the steps:\n";
  for (const auto& stage : report.stages)
    for (const auto& s : stage.steps) {
      const bool idle = stage.idle && s.watermark == max_timestamp;
      const auto at = stage.ended ? "ended" : idle ? "idle" : progress_text(s.watermark, stage.newest);
      text += fmt::format("  {:<{}}  {}", s.name, width, at);
      if (stage.idle && !idle)
        text += ", idle";
      text += s.late > 0 ? fmt::format(", {}\n", records_text(s.late, "late ")) : "\n";
    }
  return text;
}

/// What a partition does, as far as its time goes.
std::string state_text(const time_report::partition_entry& p) {
  if (!p.answered)
    return "does not answer: busy, or stuck in a user's function";
  if (p.at.ended)
    return "ended";
  if (p.at.limit)
    return fmt::format("paused by alignment: further ahead of group '{}' than allowed", p.group);
  if (p.at.idle)
    return "idle: nobody waits for it";
  if (p.at.blocked)
    return "not read now: what is behind it has no room";
  if (p.at.caught_up)
    return fmt::format(
      "no record to read, waited for until it is idle ({})",
      p.idle_after ? fmt::format(".idle_after(…) of source '{}'", p.source) : "time.idle-timeout");
  return p.at.lag > 0 ? fmt::format("being read, {} to go", records_text(p.at.lag, "")) : "being read";
}

std::string partition_lines(const time_report& report) {
  std::string text;
  for (const auto& stage : report.stages) {
    if (stage.kind != stage_kind::source)
      continue;
    bool first = true;
    for (const auto& p : report.partitions) {
      if (p.source != stage.name)
        continue;
      if (std::exchange(first, false))
        text += fmt::format("partitions of '{}':\n", stage.name);
      text += fmt::format(
        "  {} at {}, {}; {}\n", p.name, watermark_text(p.at.watermark),
        p.at.newest == min_timestamp ? "no event yet" : "newest event " + format_timestamp(p.at.newest), state_text(p));
    }
  }
  return text;
}

/// Who or what it is, and what that has to do with the one before it.
std::string station_text(const station& s) {
  switch (s.what) {
  case station::kind::actor:
    return s.name;
  case station::kind::step:
    return fmt::format(
      "its step '{}', which fires windows, or waits for answers, and is at {}", s.name, watermark_text(s.watermark));
  case station::kind::backlog:
    return fmt::format(
      "{} batch{} of its own, behind which the next watermark of {} lies", s.waiting, s.waiting == 1 ? "" : "es", s.name);
  case station::kind::partition:
    return fmt::format("partition {} at {}", s.name, watermark_text(s.watermark));
  case station::kind::silent:
    return fmt::format("{}, which does not answer: busy, or stuck in a user's function", s.name);
  }
  return "?";
}

std::string cause_text(const time_report& report, const std::vector<station>& way) {
  std::string text;
  for (const auto& s : way)
    text += (text.empty() ? "" : ", which waits for ") + station_text(s);
  if (way.back().what != station::kind::partition)
    return text;
  const auto p = std::ranges::find(report.partitions, way.back().name, &time_report::partition_entry::name);
  return p == report.partitions.end() ? text : fmt::format("{}: {}", text, state_text(*p));
}

std::string cause_lines(const time_report& report) {
  std::string text;
  for (const auto& stage : report.stages)
    if (!stage.held_by.empty())
      text += fmt::format("  {} waits for {}\n", stage.slowest, cause_text(report, stage.held_by));
    else if (stage.kind != stage_kind::source && stage.idle)
      text += fmt::format("  {}: time stands still, for all partitions before it are idle\n", stage.name);
  return text.empty() ? text : "what holds them:\n" + text;
}

std::string refusal_lines(const time_report& report) {
  std::string text;
  const auto line = [&](std::int64_t count, std::string_view what, const std::string& source, std::string_view why) {
    if (count > 0)
      text += fmt::format("refused: {} of '{}', {}\n", records_text(count, what), source, why);
  };
  for (const auto& [source, r] : report.refused) {
    line(r.future, "future ", source, "too far ahead of the clock (time.max-future)");
    line(r.past, "past ", source, "too far behind the clock (time.max-past)");
    line(r.undecodable, "", source, "not to be decoded: the log and the dead letters say why");
  }
  for (const auto& actor : report.silent)
    text += fmt::format("no answer from {}: busy, or stuck in a user's function\n", actor);
  return text;
}

} // namespace

std::string to_text(const time_report& report) {
  auto text = fmt::format("event time in job '{}'", report.job);
  if (report.newest != min_timestamp)
    text += ", newest event " + format_timestamp(report.newest);
  return text + "\n" + step_lines(report) + cause_lines(report) + partition_lines(report) + refusal_lines(report);
}

} // namespace leat
