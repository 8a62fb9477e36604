#pragma once

#include <leat/pipeline/job.hpp>
#include <leat/pipeline/startup.hpp>

#include <functional>

namespace leat {

/// Runs a job as a program: reads the command line (`--help` lists everything), the configuration and the environment, sets
/// up logging, runs until the input ends or SIGINT or SIGTERM asks for a stop, and then drains. A stop before a source or sink
/// has been reached ends it at once.
/// @returns the exit code for `main`: 0 done, drained or stopped before anything was read, 1 failed, 2 wrong usage or
/// configuration. Another SIGINT or SIGTERM, a second or more after the first, ends the process at once with 130. Records
/// that became dead letters, even if all did, change nothing of it: the log warns of them.
int run(job& what, int argc, char** argv);

/// The same for a program that has started up by itself, with options or defaults of its own.
int run(job& what, const launch& start);

/// The same for a job that is built from its configuration: `build` is called once the settings are known.
int run(
  const command_line_parser& parser, std::span<const embedded_file> defaults, int argc, char** argv,
  const std::function<job(const launch&)>& build);

/// What `body` returns, for a `main` of one's own: what it throws becomes a line in the log that says what to do, and 2 for
/// wrong usage or configuration, otherwise 1, also when the system has no more memory or threads.
int exit_code_of(const std::function<int()>& body);

} // namespace leat
