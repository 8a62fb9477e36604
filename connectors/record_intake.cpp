#include <leat/connectors/record_intake.hpp>

#include <leat/base/user_code.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace leat {

namespace {

constexpr duration longest_span{1'000'000'000'000'000}; // 30,000 years: `now` plus or minus it cannot wrap

bool believable(timestamp t, timestamp now, const time_bounds& b) {
  return t >= now - b.max_past && t <= now + b.max_future;
}

/// The unit that would have made sense, when the number was written in another one than milliseconds.
std::string_view likely_unit(timestamp t, timestamp now, const time_bounds& b) {
  const auto millis = to_millis(t);
  if (std::abs(millis / 1000) < longest_span.count() / 1'000'000 && believable(from_millis(millis * 1000), now, b))
    return "seconds";
  if (believable(from_millis(millis / 1000), now, b))
    return "microseconds";
  if (believable(from_millis(millis / 1'000'000), now, b))
    return "nanoseconds";
  return {};
}

std::optional<std::string> copy(const std::optional<std::string_view>& bytes) {
  return bytes ? std::optional<std::string>{*bytes} : std::nullopt;
}

} // namespace

time_bounds time_bounds::of(const settings& config) {
  return {std::min(config.span("time.max-past"), longest_span), std::min(config.span("time.max-future"), longest_span)};
}

std::string explain_event_time(timestamp t, timestamp now, const time_bounds& b) {
  const bool past = t < now;
  auto text = fmt::format(
    "event time {} ({}) is more than {} in the {} (time.max-{})", format_timestamp(t), to_millis(t),
    format_duration(past ? b.max_past : b.max_future), past ? "past" : "future", past ? "past" : "future");
  if (const auto unit = likely_unit(t, now, b); !unit.empty())
    text += fmt::format(": {} instead of milliseconds?", unit);
  return text;
}

record_intake::record_intake(
  std::string step, partition from, std::unique_ptr<decoder> decoding, std::shared_ptr<const timestamp_assigner> event_time,
  time_bounds bounds, time_refusals refusals, bool origins)
  : step_{std::move(step)}, from_{std::move(from)}, decoder_{std::move(decoding)},
    event_time_{std::move(event_time)}, bounds_{bounds}, refusals_{refusals}, origins_{origins} {}

void record_intake::take(std::span<const raw_record> in, timestamp now, batch_base& out, batch<dead_letter>& rejected) {
  const auto first = out.size();
  rejections_.clear();
  const auto taken = decoder_->decode(in, out.reserve(in.size()), out.stride(), rejections_);
  std::size_t bytes = taken * out.stride();
  for (const auto& record : in)
    bytes += record.payload ? record.payload->size() : 0;
  for (auto& r : rejections_) {
    bytes -= in[r.index].payload ? in[r.index].payload->size() : 0;
    reject(in[r.index], std::move(r.reason), rejected);
  }
  out.commit(taken, bytes);
  if (origins_)
    set_origins(in, out, first);
  if (event_time_)
    run_user_code(step_, "event_time", [&] { event_time_->assign(out, first); });
  else
    take_own_times(in, out.timestamps().subspan(first));

  const auto times = out.timestamps().subspan(first);
  if (!std::ranges::all_of(times, [&](timestamp t) { return believable(t, now, bounds_); }))
    reject_unbelievable(in, now, out, first, rejected);
}

/// Copies what was read, once for all of `in`: the reader's bytes are good for this call only.
void record_intake::set_origins(std::span<const raw_record> in, batch_base& out, std::size_t first) const {
  const boost::intrusive_ptr<raw_records> raw{new raw_records{from_}};
  std::size_t bytes = 0;
  for (const auto& record : in)
    bytes += record.key.value_or("").size() + record.payload.value_or("").size();
  raw->reserve(in.size(), bytes);
  auto next = rejections_.begin();
  auto slot = first;
  for (std::uint32_t i = 0; i < in.size(); ++i) {
    raw->add(in[i].offset, in[i].time, in[i].key, in[i].payload);
    if (next != rejections_.end() && next->index == i)
      ++next;
    else
      out.set_origin(slot++, {raw.get(), i});
  }
}

void record_intake::take_own_times(std::span<const raw_record> in, std::span<timestamp> times) const {
  auto next = rejections_.begin();
  std::size_t slot = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (next != rejections_.end() && next->index == i)
      ++next;
    else
      times[slot++] = in[i].time;
  }
}

void record_intake::reject_unbelievable(
  std::span<const raw_record> in, timestamp now, batch_base& out, std::size_t first, batch<dead_letter>& rejected) {
  const auto keep = std::make_unique<bool[]>(out.size());
  std::fill_n(keep.get(), first, true);
  const auto times = out.timestamps();
  auto next = rejections_.begin();
  std::size_t slot = first;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (next != rejections_.end() && next->index == i) {
      ++next;
      continue;
    }
    keep[slot] = believable(times[slot], now, bounds_);
    if (!keep[slot]) {
      reject(in[i], explain_event_time(times[slot], now, bounds_), rejected);
      if (auto* const counted = times[slot] > now ? refusals_.future : refusals_.past)
        counted->add(1);
    }
    ++slot;
  }
  out.retain({keep.get(), out.size()});
}

void record_intake::reject(const raw_record& record, std::string reason, batch<dead_letter>& rejected) {
  rejected.push(
    dead_letter{
      .reason = std::move(reason),
      .step = step_,
      .topic = from_.topic,
      .partition = from_.number,
      .offset = record.offset,
      .time = record.time,
      .key = copy(record.key),
      .payload = copy(record.payload)},
    record.time);
}

} // namespace leat
