#include <leat/base/settings.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <span>

namespace leat {

namespace {

struct unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr unit span_units[] = {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr unit byte_units[] = {{"", 1}, {"KB", 1LL << 10}, {"MB", 1LL << 20}, {"GB", 1LL << 30}, {"TB", 1LL << 40}};

// A hundred years: a span added to any event time a calendar knows can then not overflow.
constexpr std::int64_t longest_span = 36'500 * span_units[4].factor;

enum class measured { good, malformed, no_unit, negative, too_large };

/// Reads digits and a unit, both without spaces, into `out` in units of factor 1.
measured measure(std::string_view text, std::span<const unit> units, std::int64_t most, std::int64_t& out) {
  const bool negative = text.starts_with('-');
  const auto unsigned_text = text.substr(negative ? 1 : 0);
  const auto digits = unsigned_text.find_first_not_of("0123456789");
  const auto number = unsigned_text.substr(0, digits);
  const auto name = digits == std::string_view::npos ? std::string_view{} : unsigned_text.substr(digits);
  const unit* found = nullptr;
  for (const auto& u : units)
    if (u.name == name)
      found = &u;
  if (number.empty() || (!found && !name.empty()))
    return measured::malformed;
  if (!found)
    return measured::no_unit;
  if (negative)
    return measured::negative;
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), count);
  if (failure == std::errc::result_out_of_range || count > most / found->factor)
    return measured::too_large;
  out = count * found->factor;
  return measured::good;
}

std::optional<std::int64_t> whole_number(std::string_view text, bool& out_of_range) {
  std::int64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  out_of_range = failure == std::errc::result_out_of_range && rest == end;
  if (failure != std::errc{} || rest != end)
    return std::nullopt;
  return value;
}

} // namespace

void refuse_setting(std::string_view key, const setting& value, std::string_view why) {
  throw config_error{fmt::format("{}: {}: {}", value.origin, key, why)};
}

void settings::set(std::string key, setting value) { values_.insert_or_assign(std::move(key), std::move(value)); }

bool settings::contains(std::string_view key) const { return values_.find(key) != values_.end(); }

const setting& settings::at(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end())
    throw config_error{fmt::format("the setting '{}' is read but has no value; give it one in the defaults file", key)};
  return found->second;
}

const setting& settings::single(std::string_view key) const {
  const auto& value = at(key);
  if (value.is_list)
    refuse_setting(key, value, fmt::format("takes a single value, not the list [{}]", value.value));
  return value;
}

std::string settings::text(std::string_view key) const { return single(key).value; }

bool settings::boolean(std::string_view key) const {
  const auto& value = single(key);
  if (value.value == "true")
    return true;
  if (value.value != "false")
    refuse_setting(key, value, fmt::format("'{}' is neither true nor false", value.value));
  return false;
}

std::int64_t settings::integer(std::string_view key, std::int64_t min, std::int64_t max) const {
  const auto& value = single(key);
  bool out_of_range = false;
  const auto read = whole_number(value.value, out_of_range);
  if (!read && !out_of_range)
    refuse_setting(key, value, fmt::format("'{}' is not an integer", value.value));
  if (out_of_range || *read < min || *read > max)
    refuse_setting(key, value, fmt::format("{} is outside {}..{}", value.value, min, max));
  return *read;
}

std::optional<std::int64_t> settings::integer_or_auto(std::string_view key, std::int64_t min, std::int64_t max) const {
  if (single(key).value == "auto")
    return std::nullopt;
  return integer(key, min, max);
}

double settings::number(std::string_view key) const {
  const auto& value = single(key);
  double read = 0;
  const auto end = value.value.data() + value.value.size();
  const auto [rest, failure] = std::from_chars(value.value.data(), end, read);
  if (failure == std::errc::result_out_of_range && rest == end)
    refuse_setting(key, value, fmt::format("{} does not fit a double", value.value));
  if (failure != std::errc{} || rest != end || !std::isfinite(read))
    refuse_setting(key, value, fmt::format("'{}' is not a number", value.value));
  return read;
}

duration settings::span(std::string_view key) const {
  constexpr std::string_view advice = "write it as 250ms, 5s, 1min, 2h or 7d";
  const auto& value = single(key);
  std::int64_t millis = 0;
  switch (measure(value.value, span_units, longest_span, millis)) {
  case measured::malformed:
    refuse_setting(key, value, fmt::format("'{}' is not a span of time; {}", value.value, advice));
  case measured::no_unit:
    refuse_setting(key, value, fmt::format("'{}' has no unit; {}", value.value, advice));
  case measured::negative:
    refuse_setting(key, value, fmt::format("{} is negative; a span of time is not", value.value));
  case measured::too_large:
    refuse_setting(key, value, fmt::format("{} is too long; at most 36500d", value.value));
  case measured::good:
    break;
  }
  return duration{millis};
}

std::size_t settings::bytes(std::string_view key) const {
  const auto& value = single(key);
  std::int64_t count = 0;
  switch (measure(value.value, byte_units, std::numeric_limits<std::int64_t>::max(), count)) {
  case measured::malformed:
  case measured::no_unit:
    refuse_setting(
      key, value,
      fmt::format("'{}' is not a size; write it as 64KB, 16MB, 1GB, or as a bare number of bytes", value.value));
  case measured::negative:
    refuse_setting(key, value, fmt::format("{} is negative; a size is not", value.value));
  case measured::too_large:
    refuse_setting(key, value, fmt::format("{} is too large; at most 8388607TB", value.value));
  case measured::good:
    break;
  }
  return static_cast<std::size_t>(count);
}

std::vector<std::string> settings::list(std::string_view key) const {
  const auto& value = at(key);
  return value.is_list ? value.items : std::vector<std::string>{value.value};
}

std::map<std::string, setting> settings::below(std::string_view prefix) const {
  std::map<std::string, setting> found;
  const auto start = fmt::format("{}.", prefix);
  for (auto entry = values_.lower_bound(start); entry != values_.end() && entry->first.starts_with(start); ++entry)
    found.emplace(entry->first.substr(start.size()), entry->second);
  return found;
}

} // namespace leat
