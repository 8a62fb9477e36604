#include <leat/pipeline/progress/progress.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

namespace {

constexpr duration rate_window = 2s;

/// 999, 1.23 k, 45.6 k, 789 k, 1.23 M: three digits, so that the line does not jump.
std::string count_text(double count) {
  constexpr const char* powers[] = {"", " k", " M", " G", " T", " P", " E"};
  std::size_t power = 0;
  while (count >= 999.5 && power + 1 < std::size(powers)) {
    count /= 1000;
    ++power;
  }
  if (power == 0)
    return fmt::format("{:.0f}", count);
  return fmt::format("{:.{}f}{}", count, count < 9.995 ? 2 : count < 99.95 ? 1 : 0, powers[power]);
}

std::string count_text(std::int64_t count) { return count_text(static_cast<double>(count)); }

/// 00:42, 59:59, 1:00:00.
std::string clock_text(duration elapsed) {
  const auto seconds = elapsed.count() / 1000;
  const auto hours = seconds / 3600;
  const auto rest = fmt::format("{:02}:{:02}", seconds / 60 % 60, seconds % 60);
  return hours > 0 ? fmt::format("{}:{}", hours, rest) : rest;
}

std::string watermark_text(timestamp watermark) {
  if (watermark == max_timestamp)
    return "end of stream";
  return "event time " + format_timestamp(watermark);
}

/// A part of the line, and how much it matters: the least important is left out first.
struct part {
  int importance;
  std::string text;
};

std::vector<part> parts_of(const progress_snapshot& s) {
  std::vector<part> parts{{10, clock_text(s.elapsed)}};
  if (s.fraction) // never 100% before the end
    parts.push_back({9, fmt::format("{:.0f}%", std::clamp(std::floor(*s.fraction * 100), 0.0, 100.0))});
  parts.push_back({8, count_text(s.records_per_second) + " records/s"});
  if (s.bytes_per_second > 0)
    parts.push_back({1, count_text(s.bytes_per_second) + "B/s"});
  parts.push_back({5, count_text(s.records_in) + " in"});
  parts.push_back({4, count_text(s.records_out) + " out"});
  if (s.lag)
    parts.push_back({3, "lag " + count_text(*s.lag)});
  if (s.late > 0)
    parts.push_back({6, count_text(s.late) + " late"});
  if (s.dead_letters > 0)
    parts.push_back({7, count_text(s.dead_letters) + " dead letters"});
  if (s.watermark)
    parts.push_back({2, watermark_text(*s.watermark)});
  return parts;
}

std::string joined(const std::vector<part>& parts) {
  std::string line;
  for (const auto& p : parts)
    line += (line.empty() ? "" : "  ") + p.text;
  return line;
}

/// Of those that anybody waits for; nothing while one of them has none yet, or when all are idle.
std::optional<timestamp> slowest_watermark(std::span<const metrics::sample> samples) {
  std::set<std::pair<std::string_view, std::uint32_t>> idle;
  for (const auto& s : samples)
    if (s.name == "idle" && s.value != 0)
      idle.emplace(s.step, s.instance);
  std::optional<timestamp> slowest;
  for (const auto& s : samples)
    if (s.name == "watermark" && !idle.contains({s.step, s.instance}))
      slowest = std::min(slowest.value_or(max_timestamp), from_millis(s.value));
  const bool only_ended = slowest == max_timestamp && !idle.empty();          // those that are idle may go on
  const bool unknown = slowest == min_timestamp || slowest == from_millis(0); // a gauge that was never set reads 0
  return only_ended || unknown ? std::nullopt : slowest;
}

std::int64_t restarts_of(std::span<const metrics::sample> samples) {
  const auto found = std::ranges::find(samples, "restarts", &metrics::sample::name);
  return found == samples.end() ? 0 : found->value;
}

} // namespace

std::string progress_line(const progress_snapshot& snapshot, std::size_t width) {
  auto parts = parts_of(snapshot);
  auto line = joined(parts);
  while (line.size() > width && parts.size() > 1) {
    parts.erase(std::min_element(
      parts.begin(), parts.end(), [](const part& a, const part& b) { return a.importance < b.importance; }));
    line = joined(parts);
  }
  return line.substr(0, width);
}

progress_snapshot progress_meter::observe(duration elapsed, std::span<const metrics::sample> samples) {
  progress_snapshot s;
  s.elapsed = elapsed;
  std::int64_t bytes = 0, lag = 0;
  bool lag_known = false, lag_unknown = false;
  for (const auto& [name, step, instance, value, output] : samples) {
    if (name == "records_in") {
      s.records_in += value;
    } else if (name == "records_out") {
      s.records_out += value;
    } else if (name == "bytes_in") {
      bytes += value;
    } else if (name == "late_records") {
      s.late += value;
    } else if (name == "dead_letters") {
      s.dead_letters += value;
    } else if (name == "lag") {
      lag_known = true;
      lag_unknown |= value < 0;
      lag += value;
    }
  }
  if (const auto restarts = restarts_of(samples); std::exchange(restarts_, restarts) != restarts)
    watermark_.reset(); // it goes on from a checkpoint, where event time was less
  if (const auto reached = slowest_watermark(samples))
    watermark_ = std::max(watermark_.value_or(*reached), *reached);
  s.watermark = watermark_;
  if (lag_known && !lag_unknown)
    s.lag = lag;
  if (bounded_ && s.lag && s.records_in + lag > 0)
    s.fraction = static_cast<double>(s.records_in) / static_cast<double>(s.records_in + lag);
  while (readings_.size() > 1 && readings_[1].elapsed <= elapsed - rate_window)
    readings_.pop_front();
  if (const auto& then = readings_.front(); elapsed > then.elapsed) {
    const auto seconds = std::chrono::duration<double>{elapsed - then.elapsed}.count();
    s.records_per_second = static_cast<double>(s.records_in - then.records) / seconds;
    s.bytes_per_second = static_cast<double>(bytes - then.bytes) / seconds;
  }
  readings_.push_back({elapsed, s.records_in, bytes});
  return s;
}

} // namespace leat
