#pragma once

#include <leat/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// One configured value and where it was said, so that a complaint about it can point there.
struct setting {
  std::string value;              ///< as written; the items joined by ", " when it is a list
  std::string origin;             ///< "fraud.yaml:12", "--set", "environment LEAT_KAFKA_BROKERS", "defaults.yaml:3"
  std::vector<std::string> items; ///< the items when the value is a list
  bool is_list = false;
};

/// The configuration of a job after all sources have been merged: dotted keys ("kafka.brokers") to values.
///
/// Who reads a key asks for its type; what cannot be read as that type throws `config_error` naming origin, key and
/// value. Keys, types and ranges were checked when the settings were loaded (`pipeline/settings_loader.hpp`), so that a
/// mistake is told before anything starts. Immutable once loaded, and then safe to read from any thread.
class settings {
public:
  /// Adds or replaces `key`.
  void set(std::string key, setting value);

  [[nodiscard]] bool contains(std::string_view key) const;

  /// The setting behind `key`.
  /// @throws config_error when there is none.
  [[nodiscard]] const setting& at(std::string_view key) const;

  /// The value as written, of any type but a list.
  [[nodiscard]] std::string text(std::string_view key) const;

  /// `true` or `false`, and nothing else.
  [[nodiscard]] bool boolean(std::string_view key) const;

  /// @throws config_error also when the number lies outside [min, max].
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max) const;

  /// As `integer`, but nothing when the value is `auto`: then the program chooses.
  [[nodiscard]] std::optional<std::int64_t> integer_or_auto(std::string_view key, std::int64_t min, std::int64_t max) const;

  /// A finite decimal number.
  [[nodiscard]] double number(std::string_view key) const;

  /// `250ms`, `5s`, `1min`, `2h`, `7d`, up to `36500d`; a bare number is refused, because nobody can know its unit.
  [[nodiscard]] duration span(std::string_view key) const;

  /// `64KB`, `16MB`, `1GB`, `2TB` (powers of 1024), or a bare number of bytes.
  [[nodiscard]] std::size_t bytes(std::string_view key) const;

  /// The items of a list; a single value is a list of one.
  [[nodiscard]] std::vector<std::string> list(std::string_view key) const;

  /// Everything below `prefix`, with the prefix and its dot cut off: `below("kafka.properties")`.
  [[nodiscard]] std::map<std::string, setting> below(std::string_view prefix) const;

  [[nodiscard]] const std::map<std::string, setting, std::less<>>& all() const noexcept { return values_; }

private:
  /// The setting behind `key`, which must be a single value.
  [[nodiscard]] const setting& single(std::string_view key) const;

  std::map<std::string, setting, std::less<>> values_;
};

/// Throws the `config_error` for a value that cannot be used: "fraud.yaml:12: kafka.start: <why>".
[[noreturn]] void refuse_setting(std::string_view key, const setting& value, std::string_view why);

} // namespace leat
