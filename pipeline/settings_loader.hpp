#pragma once

#include <leat/base/settings.hpp>
#include <leat/pipeline/known_settings.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// One `--set key=value`, or an option that is short for one.
struct setting_override {
  std::string key;
  std::string value;
  std::string origin; ///< "--set", "--parallelism"
};

/// What a job's settings are put together from, weakest first; the defaults, weaker still, are in `known_settings`.
struct settings_sources {
  std::string file;                                             ///< a YAML file; empty for none
  std::vector<std::pair<std::string, std::string>> environment; ///< the `LEAT_` variables
  std::vector<setting_override> overrides;                      ///< in the order given: of two for one key, the later wins

  /// Of the file and the environment only what begins with one of these is read, for a program that others share them with:
  /// "kafka."; empty: everything.
  std::vector<std::string_view> parts{};
};

/// Merges all sources into the settings of a job, checking every key, type and range on the way.
///
/// In a variable or an override, the items of a list are separated by commas: `--set rules.on=amount,rate`.
/// @throws config_error at the first thing that is wrong, naming file and line, variable or option, and key.
[[nodiscard]] settings load_settings(const known_settings& known, const settings_sources& sources);

/// Reads `key=value`; the value may be empty and may hold further `=`.
/// @throws config_error when there is no key.
[[nodiscard]] setting_override parse_override(std::string_view text, std::string origin = "--set");

/// All variables of this process's environment that begin with `LEAT_`, sorted by name.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> leat_environment();

} // namespace leat
