#pragma once

#include <leat/base/settings.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// What kind of value a setting holds.
enum class value_kind { text, boolean, integer, number, span, bytes, date_time, list, open_map, words_only };

/// The values a known key takes, as its entry in a defaults file says, so that no second list of types and ranges can
/// disagree with the first.
///
/// The default's own form gives the kind: `1s` a span, `64MB` a size, `8` an integer, `0.5` a number, `true` a boolean,
/// `[a]` a list, `{}` an open map that takes any keys below it, everything else (and all in quotes) text. A YAML tag
/// narrows it; its alternatives, separated by `/`, are words, one range `min..max` (either end may be missing), and
/// `timestamp` for an ISO-8601 date-time: `!auto/1..128`, `!10ms..1h`, `!earliest/latest/timestamp`.
class setting_type {
public:
  /// @param tag the YAML tag with its `!`, or empty.
  /// @param quoted whether the default was written in quotes.
  /// @throws config_error when the tag is malformed or the default does not satisfy it.
  static setting_type of(std::string_view key, const setting& default_value, std::string_view tag, bool quoted);

  /// The type of whatever stands below an open map.
  static setting_type any_text() { return {}; }

  /// The type of a key whose default is `{}`.
  static setting_type open_map();

  /// @throws config_error naming origin, key and value when the value is not of this type.
  void check(std::string_view key, const setting& value) const;

  [[nodiscard]] value_kind kind() const noexcept { return kind_; }

  /// For people: "a span of time", "auto or 1..128".
  [[nodiscard]] std::string describe() const;

private:
  void add_alternative(std::string_view key, const setting& default_value, std::string_view alternative);
  void check_kind(std::string_view key, const setting& value) const;
  [[nodiscard]] std::string alternatives() const;

  value_kind kind_ = value_kind::text;
  std::vector<std::string> words_; // allowed as they are, whatever the kind
  std::string min_, max_;          // as written; empty: no bound
};

} // namespace leat
