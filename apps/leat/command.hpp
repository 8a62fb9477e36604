#pragma once

#include <leat/apps/leat/text_table.hpp>
#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/formats/json/encoded_json.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat::cli {

/// An option of some commands; the same one in all of them.
struct command_option {
  std::string_view name;  ///< "--limit"
  std::string_view value; ///< what `--help` calls its value, "N"; empty: it has none
  std::string_view does;  ///< for `--help`
  bool repeats = false;   ///< whether it may be given several times
};

inline constexpr command_option json_option{"--json", "", "JSON instead of tables."};

/// What somebody wants of a command.
class invocation {
public:
  std::vector<std::string> words; ///< those behind the command: path, …
  const text_sink& out;
  const text_sink& err; ///< for what is no result: warnings, progress, counters

  /// The values by option, in their order; those without a value have an empty one.
  std::map<std::string, std::vector<std::string>, std::less<>> options;

  [[nodiscard]] bool has(const command_option& option) const { return options.contains(option.name); }
  [[nodiscard]] bool json() const { return options.contains(json_option.name); }

  /// The words of an option's value; nothing: it is not given.
  [[nodiscard]] std::optional<std::string> text(const command_option& option) const {
    const auto found = options.find(option.name);
    return found == options.end() ? std::nullopt : std::optional{found->second.back()};
  }

  /// All values of an option that may be given several times.
  [[nodiscard]] std::vector<std::string> texts(const command_option& option) const {
    const auto found = options.find(option.name);
    return found == options.end() ? std::vector<std::string>{} : found->second;
  }

  /// The value of an option, as configuration and keys are written. @throws config_error naming the option.
  template <class T>
  [[nodiscard]] std::optional<T> value(const command_option& option) const {
    const auto given = text(option);
    return given ? std::optional{value_of<T>(option.name, *given)} : std::nullopt;
  }

  template <class T>
  [[nodiscard]] static T value_of(std::string_view name, const std::string& text) {
    try {
      return decoded<T>(encoded_from_json(encoded_type_of<T>(), text));
    } catch (const config_error& e) {
      throw config_error{fmt::format("{}: {}", name, e.what())};
    }
  }
};

/// One thing that `leat` can do: `leat GROUP VERB WORDS…`.
struct command {
  std::string_view verb;      ///< empty: its group has no other, and it is called by the group's name
  std::size_t least, most;    ///< words
  std::string_view arguments; ///< what `--help` calls them, "PATH STEP STATE KEY"
  std::string_view does;      ///< for `--help`
  std::vector<command_option> options;
  int (*run)(const invocation&); ///< @returns a `command_exit`
};

/// The commands about one kind of thing.
struct command_group {
  std::string_view name;  ///< "state"
  std::string_view title; ///< "State"
  std::string_view notes; ///< for `--help`: what the words of its commands mean
  std::vector<command> commands;
};

/// As somebody calls it: "leat state get", "leat lag".
[[nodiscard]] std::string name_of(const command_group& group, const command& of);

/// What is asked for by a line of arguments.
struct command_line {
  const command_group* group = nullptr; ///< none: `--help` or `--version` of the program
  const command* asked = nullptr;       ///< none: `--help` of the group
  invocation what;
  bool help = false;
  bool version = false;
};

/// @param arguments without the program's name. @param out goes into the invocation, and so does @param err.
/// @throws config_error with one line for the user.
[[nodiscard]] command_line parse_command_line(
  std::span<const command_group> groups, std::span<const std::string> arguments, const text_sink& out,
  const text_sink& err);

} // namespace leat::cli
