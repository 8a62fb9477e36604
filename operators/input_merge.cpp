#include <leat/operators/input_merge.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace leat {

void input_merge::add(std::uint32_t input, std::uint64_t first_epoch, std::optional<std::size_t> stage) {
  inputs_[input] = input_state{stage, first_epoch - 1};
  idle_ = false;
}

void input_merge::on_data(std::uint32_t input) { at(input); }

void input_merge::on_signal(std::uint32_t input, const signal& s, const emit& out) {
  auto& in = at(input);
  switch (s.kind) {
  case signal_kind::watermark:
    in.watermark = std::max(in.watermark, s.time);
    in.idle = false;
    idle_ = false;
    advance_watermark(out);
    if (said_idle_)
      say_watermark(out);
    break;
  case signal_kind::barrier: {
    if (s.epoch <= in.epoch)
      throw protocol_error{fmt::format("input {} sent barrier {} after barrier {}", input, s.epoch, in.epoch)};
    in.epoch = s.epoch;
    if (s.epoch <= overtaken_)
      break;
    in.windowed = s.windowed;
    auto& settles = settles_at_.try_emplace(s.epoch, min_timestamp).first->second;
    settles = std::max(settles, s.time);
    advance_epoch(out);
    break;
  }
  case signal_kind::idle:
    in.idle = true;
    advance_watermark(out);
    update_idle(out);
    break;
  case signal_kind::end:
    in.ended = true;
    advance_epoch(out);
    if (ended())
      out(signal::end());
    else
      update_idle(out);
    break;
  }
}

void input_merge::overtake(std::uint64_t epoch) {
  overtaken_ = epoch;
  settles_at_.erase(settles_at_.begin(), settles_at_.upper_bound(epoch));
}

bool input_merge::ahead(std::uint32_t input) const {
  const auto found = inputs_.find(input);
  return found != inputs_.end() && !settles_at_.empty() && found->second.epoch >= settles_at_.begin()->first;
}

timestamp input_merge::fired_until() const noexcept {
  auto least = max_timestamp;
  for (const auto& [number, in] : inputs_)
    if (in.windowed)
      least = std::min(least, in.watermark);
  return least;
}

std::vector<input_time> input_merge::inputs() const {
  std::vector<input_time> all;
  for (const auto& [number, in] : inputs_)
    all.push_back({number, in.watermark, in.idle, in.ended});
  return all;
}

std::optional<std::uint32_t> input_merge::held_by() const {
  std::optional<std::uint32_t> holder;
  auto least = max_timestamp;
  for (const auto& [number, in] : inputs_)
    if (in.watermark < least && !asleep(in)) {
      least = in.watermark;
      holder = number;
    }
  return holder;
}

bool input_merge::ended() const noexcept {
  return std::all_of(inputs_.begin(), inputs_.end(), [](const auto& i) { return i.second.ended; });
}

input_merge::input_state& input_merge::at(std::uint32_t input) {
  const auto found = inputs_.find(input);
  if (found == inputs_.end())
    throw protocol_error{fmt::format("something came from input {}, which was never added", input)};
  if (found->second.ended)
    throw protocol_error{fmt::format("something came from input {} after its end", input)};
  return found->second;
}

/// Whether nobody need wait for `in`: it is idle, and so are its siblings.
bool input_merge::asleep(const input_state& in) const {
  if (!in.idle || !in.stage)
    return in.idle;
  return std::none_of(
    inputs_.begin(), inputs_.end(), [&](const auto& i) { return i.second.stage == in.stage && !i.second.idle; });
}

void input_merge::advance_watermark(const emit& out) {
  auto least = max_timestamp;
  auto newest = min_timestamp;
  bool active = false;
  bool open = false;
  for (const auto& [number, in] : inputs_) {
    if (in.watermark == max_timestamp)
      continue; // complete: holds nobody up
    open = true;
    newest = std::max(newest, in.watermark);
    if (asleep(in))
      continue;
    active = true;
    least = std::min(least, in.watermark);
  }
  if (open && !active)
    least = newest;
  if (least > watermark_) {
    watermark_ = least;
    say_watermark(out);
  }
}

void input_merge::say_watermark(const emit& out) {
  said_idle_ = false;
  out(signal::watermark(watermark_));
}

void input_merge::advance_epoch(const emit& out) {
  auto passed = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [number, in] : inputs_)
    if (!in.ended)
      passed = std::min(passed, in.epoch);
  while (!settles_at_.empty() && settles_at_.begin()->first <= passed) {
    const auto [epoch, settles] = *settles_at_.begin();
    settles_at_.erase(settles_at_.begin());
    const bool windowed = std::any_of(inputs_.begin(), inputs_.end(), [](const auto& i) { return i.second.windowed; });
    out(signal::barrier(epoch, settles, windowed));
  }
}

void input_merge::update_idle(const emit& out) {
  const bool all =
    std::all_of(inputs_.begin(), inputs_.end(), [](const auto& i) { return i.second.idle || i.second.ended; });
  if (all && !idle_) {
    idle_ = true;
    said_idle_ = true;
    out(signal::idle());
  }
}

} // namespace leat
