#include <leat/actors/epochs/checkpoint_history.hpp>

#include <leat/base/time.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace leat {

namespace {

duration millis(checkpoint_history::clock::duration d) { return std::chrono::duration_cast<duration>(d); }

} // namespace

std::uint64_t checkpoint_summary::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [stage, part] : parts)
    sum += part.state_bytes;
  return sum;
}

void checkpoint_history::begin(std::uint64_t epoch, clock::time_point now) {
  open_ = {epoch, false, {}, {}};
  begun_ = now;
}

void checkpoint_history::on_snapshot(const std::string& stage, const snapshot_taken& fact, clock::time_point now) {
  if (fact.epoch != open_.epoch)
    return;
  auto& part = open_.parts[stage];
  part.alignment = std::max(part.alignment, fact.alignment);
  part.reported = std::max(part.reported, millis(now - begun_));
  part.in_flight_bytes += fact.in_flight_bytes;
  for (const auto& d : *fact.state)
    part.state_bytes += d.size();
}

void checkpoint_history::end(bool stored, clock::time_point now) {
  open_.stored = stored;
  open_.took = millis(now - begun_);
  spdlog::debug("{}", to_text(open_));
  show(open_);
  done_.push_back(open_);
  if (done_.size() > kept_)
    done_.pop_front();
}

void checkpoint_history::show(const checkpoint_summary& of) {
  const auto set = [&](std::string_view name, const std::string& stage, std::uint64_t value) {
    registry_.get(name, stage, 0).set(static_cast<std::int64_t>(value));
  };
  for (const auto& [stage, part] : of.parts) {
    set("checkpoint_alignment_ms", stage, static_cast<std::uint64_t>(part.alignment.count()));
    set("checkpoint_reported_ms", stage, static_cast<std::uint64_t>(part.reported.count()));
    set("checkpoint_bytes", stage, part.state_bytes);
    set("checkpoint_in_flight_bytes", stage, part.in_flight_bytes);
  }
}

std::string to_text(const checkpoint_summary& summary) {
  auto text = fmt::format(
    "checkpoint {} {} {}: {} bytes", summary.epoch, summary.stored ? "took" : "came to nothing after",
    format_duration(summary.took), summary.bytes());
  for (const auto& [stage, part] : summary.parts)
    text += fmt::format(
      "; of '{}' {}, {} of them on their way, aligned in {}", stage, part.state_bytes, part.in_flight_bytes,
      format_duration(part.alignment));
  return text;
}

} // namespace leat
