#include <leat/base/time.hpp>

#include <fmt/format.h>

namespace leat {
namespace {

using namespace std::chrono;

/// Reads a date-time from left to right; each step says whether the text went on as it must.
class time_reader {
public:
  explicit time_reader(std::string_view text) noexcept : rest_{text} {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

  bool take(char expected) noexcept {
    if (rest_.empty() || rest_.front() != expected)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `digits` digits that make a number of at most `most`.
  bool number(std::size_t digits, int most, int& out) noexcept {
    if (rest_.size() < digits)
      return false;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i]))
        return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    out = value;
    return value <= most;
  }

  /// One digit or more after a decimal point; those past the third are cut off.
  bool fraction(int& millis) noexcept {
    std::size_t digits = 0;
    int value = 0;
    for (; digits < rest_.size() && is_digit(rest_[digits]); ++digits)
      if (digits < 3)
        value = value * 10 + (rest_[digits] - '0');
    for (auto missing = digits; missing < 3; ++missing)
      value *= 10;
    rest_.remove_prefix(digits);
    millis = value;
    return digits > 0;
  }

private:
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

  std::string_view rest_;
};

bool read_date(time_reader& in, sys_days& out) noexcept {
  int y = 0, m = 0, d = 0;
  if (!(in.number(4, 9999, y) && in.take('-') && in.number(2, 12, m) && in.take('-') && in.number(2, 31, d)))
    return false;
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  out = sys_days{date};
  return date.ok();
}

bool read_time_of_day(time_reader& in, milliseconds& out) noexcept {
  int h = 0, m = 0, s = 0, ms = 0;
  if (!(in.number(2, 23, h) && in.take(':') && in.number(2, 59, m)))
    return false;
  if (in.take(':')) {
    if (!in.number(2, 59, s))
      return false;
    if (in.take('.') && !in.fraction(ms))
      return false;
  }
  out = hours{h} + minutes{m} + seconds{s} + milliseconds{ms};
  return true;
}

bool read_zone(time_reader& in, minutes& out) noexcept {
  out = minutes{0};
  if (in.done() || in.take('Z'))
    return in.done();
  const bool east = in.take('+');
  if (!east && !in.take('-'))
    return false;
  int h = 0, m = 0;
  if (!in.number(2, 23, h))
    return false;
  in.take(':');
  if (!in.number(2, 59, m) || !in.done())
    return false;
  out = hours{h} + minutes{m};
  if (!east)
    out = -out;
  return true;
}

} // namespace

std::string format_timestamp(timestamp t) {
  if (t == min_timestamp)
    return "-inf";
  if (t == max_timestamp)
    return "+inf";
  constexpr timestamp first = sys_days{year{0} / 1 / 1};
  constexpr timestamp last = sys_days{year{9999} / 12 / 31} + days{1} - milliseconds{1};
  if (t < first || t > last)
    return std::to_string(to_millis(t));
  const auto date = floor<days>(t);
  const year_month_day ymd{date};
  const hh_mm_ss time{t - date};
  return fmt::format(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
    static_cast<unsigned>(ymd.day()), time.hours().count(), time.minutes().count(), time.seconds().count(),
    time.subseconds().count());
}

bool parse_timestamp(std::string_view text, timestamp& out) noexcept {
  time_reader in{text};
  sys_days date;
  milliseconds time;
  minutes east_of_utc;
  if (!read_date(in, date) || !(in.take('T') || in.take(' ')) || !read_time_of_day(in, time) || !read_zone(in, east_of_utc))
    return false;
  out = date + time - east_of_utc;
  return true;
}

std::string format_duration(duration d) {
  struct unit {
    std::int64_t millis;
    const char* name;
  };
  constexpr unit units[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1'000, "s"}};
  for (const auto& u : units)
    if (d.count() != 0 && d.count() % u.millis == 0)
      return fmt::format("{}{}", d.count() / u.millis, u.name);
  return fmt::format("{}ms", d.count());
}

} // namespace leat
