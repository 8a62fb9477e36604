#include <leat/pipeline/setting_type.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace leat {

namespace {

constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto most = std::numeric_limits<std::int64_t>::max();

/// Reads a measurable value in its kind's smallest unit; a long double holds every 64-bit integer exactly.
/// @throws config_error when it is not of that kind.
long double measure(value_kind kind, std::string_view key, const setting& value) {
  settings one;
  one.set(std::string{key}, value);
  switch (kind) {
  case value_kind::integer:
    return static_cast<long double>(one.integer(key, least, most));
  case value_kind::number:
    return one.number(key);
  case value_kind::span:
    return static_cast<long double>(one.span(key).count());
  case value_kind::bytes:
    return static_cast<long double>(one.bytes(key));
  default:
    return 0;
  }
}

bool is_a(value_kind kind, const setting& value) {
  try {
    measure(kind, "", value);
    return true;
  } catch (const config_error&) {
    return false;
  }
}

value_kind kind_of(const setting& value) {
  if (value.is_list)
    return value_kind::list;
  if (value.value == "true" || value.value == "false")
    return value_kind::boolean;
  for (const auto kind : {value_kind::integer, value_kind::number, value_kind::span, value_kind::bytes})
    if (is_a(kind, value))
      return kind;
  return value_kind::text;
}

setting plain(std::string_view value, const setting& like) { return {std::string{value}, like.origin, {}, false}; }

} // namespace

setting_type setting_type::of(std::string_view key, const setting& default_value, std::string_view tag, bool quoted) {
  setting_type type;
  if (tag.empty()) {
    type.kind_ = quoted ? value_kind::text : kind_of(default_value);
    return type;
  }
  type.kind_ = value_kind::words_only;
  auto rest = tag.substr(1);
  for (auto slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    type.add_alternative(key, default_value, rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
  }
  type.add_alternative(key, default_value, rest);
  type.check(key, default_value);
  return type;
}

setting_type setting_type::open_map() {
  setting_type type;
  type.kind_ = value_kind::open_map;
  return type;
}

void setting_type::add_alternative(std::string_view key, const setting& default_value, std::string_view alternative) {
  const auto dots = alternative.find("..");
  if (dots == std::string_view::npos && alternative != "timestamp") {
    if (alternative.empty())
      refuse_setting(key, default_value, "its tag has an empty alternative");
    words_.emplace_back(alternative);
    return;
  }
  if (kind_ != value_kind::words_only)
    refuse_setting(key, default_value, "its tag has more than one range");
  if (alternative == "timestamp") {
    kind_ = value_kind::date_time;
    return;
  }
  min_ = alternative.substr(0, dots);
  max_ = alternative.substr(dots + 2);
  kind_ = kind_of(plain(min_.empty() ? max_ : min_, default_value));
  if (kind_ == value_kind::integer && kind_of(default_value) == value_kind::number)
    kind_ = value_kind::number;
  for (const auto& end : {min_, max_})
    if (!end.empty() && !is_a(kind_, plain(end, default_value)))
      refuse_setting(key, default_value, fmt::format("'{}' in its tag is no end of a range", end));
  if (kind_ == value_kind::text || kind_ == value_kind::boolean)
    refuse_setting(key, default_value, fmt::format("'{}' in its tag is no range", alternative));
}

void setting_type::check(std::string_view key, const setting& value) const {
  if (!value.is_list && std::find(words_.begin(), words_.end(), value.value) != words_.end())
    return;
  if (words_.empty() || value.is_list)
    return check_kind(key, value);
  try {
    check_kind(key, value);
  } catch (const config_error&) { // would speak of the range alone
    refuse_setting(key, value, fmt::format("'{}' is not one of: {}", value.value, alternatives()));
  }
}

void setting_type::check_kind(std::string_view key, const setting& value) const {
  if (kind_ == value_kind::list)
    return;
  if (kind_ == value_kind::open_map)
    refuse_setting(key, value, "is a map: give the keys below it one by one");
  settings one;
  one.set(std::string{key}, value);
  const auto text = one.text(key);
  timestamp time;
  if (kind_ == value_kind::boolean)
    (void)one.boolean(key);
  else if (kind_ == value_kind::words_only)
    refuse_setting(key, value, fmt::format("'{}' is not one of: {}", text, alternatives()));
  else if (kind_ == value_kind::date_time && !parse_timestamp(text, time))
    refuse_setting(key, value, fmt::format("'{}' is not a time such as 2024-05-01T12:00:00Z", text));
  const auto measured = measure(kind_, key, value);
  if (
    (!min_.empty() && measured < measure(kind_, key, plain(min_, value))) ||
    (!max_.empty() && measured > measure(kind_, key, plain(max_, value))))
    refuse_setting(key, value, fmt::format("{} is outside {}..{}", text, min_, max_));
}

std::string setting_type::alternatives() const {
  auto all = fmt::format("{}", fmt::join(words_, ", "));
  if (kind_ != value_kind::words_only)
    all += fmt::format("{}{}", all.empty() ? "" : ", ", kind_ == value_kind::date_time ? "a time" : min_ + ".." + max_);
  return all;
}

std::string setting_type::describe() const {
  if (!words_.empty() || !min_.empty() || !max_.empty())
    return alternatives();
  switch (kind_) {
  case value_kind::boolean:
    return "true, false";
  case value_kind::integer:
    return "an integer";
  case value_kind::number:
    return "a number";
  case value_kind::span:
    return "a span of time";
  case value_kind::bytes:
    return "a size";
  case value_kind::date_time:
    return "a time";
  case value_kind::list:
    return "a list";
  case value_kind::open_map:
    return "any keys below";
  default:
    return "text";
  }
}

} // namespace leat
