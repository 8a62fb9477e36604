#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace leat {

/// `5s`, `1min`, `100ms` for whoever says `using namespace leat`.
using namespace std::chrono_literals;

/// Spans of time: milliseconds, the resolution of Kafka's timestamps and of event time everywhere in Leat.
using duration = std::chrono::milliseconds;

/// A point in event time or wall-clock time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Before every event: the watermark of an input that has said nothing yet.
inline constexpr timestamp min_timestamp = timestamp::min();

/// After every event: the watermark at the end of a stream.
inline constexpr timestamp max_timestamp = timestamp::max();

/// A timestamp from milliseconds since the epoch.
constexpr timestamp from_millis(std::int64_t millis) noexcept { return timestamp{duration{millis}}; }

/// Milliseconds since the epoch.
constexpr std::int64_t to_millis(timestamp t) noexcept { return t.time_since_epoch().count(); }

/// The time `wait`, at least 0, after `t`; the end of time when it lies beyond.
constexpr timestamp later(timestamp t, duration wait) noexcept {
  return t > max_timestamp - wait ? max_timestamp : t + wait;
}

/// `2024-05-01T12:00:00.250Z`; "-inf" and "+inf" for the two ends, and plain milliseconds outside the years 0 to 9999.
std::string format_timestamp(timestamp t);

/// Reads an ISO-8601 date-time: `YYYY-MM-DDThh:mm[:ss[.fraction]][Z|±hh[:]mm]`, where a space may stand for `T`.
/// A time without a zone is UTC; digits past the millisecond are cut off.
/// @returns false, and leaves `out` alone, when the text is anything else.
[[nodiscard]] bool parse_timestamp(std::string_view text, timestamp& out) noexcept;

/// `250ms`, `5s`, `1min`, `2h`, `7d`: the largest unit that divides the span.
std::string format_duration(duration d);

} // namespace leat
