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
  command_failed = 1,               ///< something is damaged, or could not be read or written
  command_usage = 2,                ///< wrong arguments, or they ask for what is not there
  command_no_key = 3,               ///< `get`: the key has no value
  command_nothing = command_no_key, ///< `lag`: the groups have committed nothing
};

inline constexpr std::string_view exit_codes =
  R"(  0    done; verify: everything is whole; also when it was ended by Ctrl-C, or whoever read the output has gone
  1    something is damaged, or could not be read or written; produce, replay: some records were not sent
  2    wrong arguments, or there is no such file, directory, checkpoint, step or state
  3    get: the key has no value; lag: the groups have committed nothing
  130  Ctrl-C again, a second or more after the first
)";

/// What `out` of a command throws when whoever reads its output has gone, as `head` does: it has seen enough.
struct reader_gone {};

/// Runs the `leat` command: the whole of it but for `main`.
/// @param arguments without the program's name.
/// @param out takes results, @param err one line for a person when something went wrong.
/// @returns a `command_exit`.
int run_leat_command(std::span<const std::string> arguments, const text_sink& out, const text_sink& err);

/// How long output may wait to be taken: as long as a checkpoint may be read by the commands that read one, for ever by others.
[[nodiscard]] std::chrono::milliseconds output_patience(std::span<const std::string> arguments);

/// How long a checkpoint of a running job may be read, or its output wait to be taken, unless the user says otherwise.
inline constexpr std::chrono::milliseconds default_reading_time = std::chrono::minutes{10};

} // namespace leat::cli
