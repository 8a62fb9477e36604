#pragma once

#include <leat/apps/leat/text_table.hpp>

#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace leat::cli {

/// What the `leat` command tells the shell; `exit_codes` says it to people.
enum command_exit : int {
  command_done = 0,
  command_failed = 1, ///< something is damaged, or could not be read or written
  command_usage = 2,  ///< wrong arguments, or they ask for what is not there
  command_no_key = 3, ///< `get`: the key has no value
};

inline constexpr std::string_view exit_codes =
  R"(  0    done; verify: everything is whole
  1    something is damaged, or could not be read or written
  2    wrong arguments, or there is no such file, directory, checkpoint, step or state
  3    get: the key has no value
)";

/// Runs the `leat` command: the whole of it but for `main`.
/// @param arguments without the program's name.
/// @param out takes results, @param err one line for a person when something went wrong.
/// @returns a `command_exit`.
int run_leat_command(std::span<const std::string> arguments, const text_sink& out, const text_sink& err);

/// How long a checkpoint of a running job may be read, or its output wait to be taken, unless the user says otherwise.
inline constexpr std::chrono::milliseconds default_reading_time = std::chrono::minutes{10};

} // namespace leat::cli
