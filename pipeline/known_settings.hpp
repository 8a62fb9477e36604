#pragma once

#include <leat/base/settings.hpp>
#include <leat/pipeline/embedded_file.hpp>
#include <leat/pipeline/setting_type.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

struct yaml_entry;

/// A key that may be configured.
struct known_setting {
  std::string key;       ///< "kafka.brokers"
  setting default_value; ///< origin "defaults.yaml:33"
  setting_type type;
  std::string summary; ///< the first comment line above it
};

/// The keys that may be configured: those of Leat's defaults and those of the application's. Immutable once made.
class known_settings {
public:
  /// Reads defaults files in order. A later file may give a known key another default, of the same type, set keys below
  /// an open map, and add keys of its own.
  /// @throws config_error when a file is wrong, or two keys would share one environment variable.
  explicit known_settings(std::span<const embedded_file> defaults);

  /// In the order of the files.
  [[nodiscard]] const std::vector<known_setting>& all() const noexcept { return known_; }

  /// The settings when nobody configures anything.
  [[nodiscard]] const settings& defaults() const noexcept { return defaults_; }

  /// The type of `key`, which is known or lies below an open map.
  /// @throws config_error that begins with `origin` and names the nearest known key.
  [[nodiscard]] const setting_type& type_of(std::string_view key, std::string_view origin) const;

  /// Checks one entry of a file: key, shape and value.
  /// @throws config_error when any of them is wrong.
  void check(const yaml_entry& entry) const;

  /// The key behind an environment variable: `LEAT_KAFKA_BROKERS` is `kafka.brokers`; below an open map every further
  /// `_` is a dot, so `LEAT_KAFKA_PROPERTIES_LINGER_MS` is `kafka.properties.linger.ms`.
  /// @throws config_error that names the nearest variable.
  [[nodiscard]] std::string key_of_variable(std::string_view variable) const;

private:
  void read(const embedded_file& file);
  void add(yaml_entry entry, const std::vector<std::string_view>& lines);
  [[nodiscard]] const known_setting* find(std::string_view key) const;
  [[nodiscard]] const known_setting* open_map_above(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> keys() const;

  std::vector<known_setting> known_;
  std::map<std::string, std::size_t, std::less<>> index_; // key to position in known_
  std::map<std::string, std::string, std::less<>> keys_by_variable_;
  settings defaults_;
};

/// The environment variable of a key: upper case, dots and dashes become underscores, `LEAT_` before it.
[[nodiscard]] std::string variable_of(std::string_view key);

} // namespace leat
