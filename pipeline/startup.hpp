#pragma once

#include <leat/base/settings.hpp>
#include <leat/pipeline/command_line.hpp>
#include <leat/pipeline/embedded_file.hpp>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// What came of the command line: settings to run with, or something to print and an exit code.
struct launch {
  command_line line;
  settings config;
  std::optional<int> exit; ///< set: nothing is to be run
  std::string output;      ///< for standard output: help, version or settings
  std::string complaint;   ///< for standard error: one line that says what is wrong
};

/// Decides how to start, without printing or changing anything.
/// @param arguments without the program's name.
/// @param environment the `LEAT_` variables.
[[nodiscard]] launch plan_launch(
  const command_line_parser& parser, std::span<const embedded_file> application_defaults,
  std::span<const std::string> arguments, std::vector<std::pair<std::string, std::string>> environment);

/// The first thing a program does: makes the standard streams safe, reads the command line, the environment and the
/// configuration, sets up logging. When `exit` is set, everything has been printed and `main` returns that code.
[[nodiscard]] launch start_up(
  const command_line_parser& parser, std::span<const embedded_file> application_defaults, int argc,
  const char* const* argv);

} // namespace leat
