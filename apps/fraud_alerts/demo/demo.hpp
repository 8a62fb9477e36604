#pragma once

#include <leat/pipeline/console.hpp>
#include <leat/pipeline/startup.hpp>

#include <functional>

namespace leat::fraud {

/// The program `fraud-alerts demo`: reads its command line, runs, and returns the exit code.
int demo_main(int argc, char** argv);

/// How a demo is started: its options and defaults. The same for the program and for tests.
[[nodiscard]] command_line_parser demo_parser();
[[nodiscard]] std::span<const embedded_file> demo_defaults();

/// Whether a user has named brokers, on the command line, in the environment or in a file: the demo then uses them, and an
/// embedded one otherwise.
[[nodiscard]] bool names_brokers(const settings& config);

/// Runs the job of the service in this process on generated traffic, prints its alerts as they are read back from Kafka
/// and then a table.
/// @param to takes what is printed.
/// @param in_colour whether `to` shows colours.
/// @param interrupted whether to feed no more; asked now and then. What was fed until then is finished and judged.
/// @returns `exit_done` when every injected fraud was found and nothing else, otherwise `exit_failed`.
/// @throws config_error, connector_error when it cannot run to its end.
[[nodiscard]] int run_demo(const launch& start, console& to, bool in_colour, const std::function<bool()>& interrupted);

} // namespace leat::fraud
