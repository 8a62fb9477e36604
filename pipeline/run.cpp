#include <leat/pipeline/run.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/pipeline/console.hpp>
#include <leat/pipeline/control/control_socket.hpp>
#include <leat/pipeline/control/job_requests.hpp>
#include <leat/pipeline/end_report.hpp>
#include <leat/pipeline/process_signals.hpp>
#include <leat/pipeline/progress/progress_display.hpp>
#include <leat/pipeline/progress/time_reports.hpp>

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <new>
#include <optional>
#include <stop_token>
#include <system_error>
#include <unistd.h>

namespace leat {

namespace {

using steady = std::chrono::steady_clock;

/// How often the main thread looks whether the deadline of a stop has passed.
constexpr auto poll_interval = duration{50};

/// Waits for the end, and asks for it when a stop was requested; ends the process when that takes longer than its deadline.
job_result wait_for_end(running_job& running, const run_options& options, time_reports& reports) {
  std::optional<steady::time_point> stopping_since;
  while (true) {
    if (auto result = running.wait_for(poll_interval))
      return *result;
    reports.look(steady::now());
    if (options.stop.stop_requested() && !stopping_since) {
      stopping_since = steady::now();
      reports.before_stop();
      running.stop();
    }
    if (stopping_since && steady::now() - *stopping_since > options.drain_deadline) {
      spdlog::error(
        "the job did not drain within {} (job.drain-deadline); what was not delivered will be read again at the next "
        "start",
        format_duration(options.drain_deadline));
      std::fflush(nullptr);
      _exit(exit_failed); // destructors may wait for what did not come in time
    }
  }
}

/// Makes the job; none when it was stopped before its sources and sinks were open.
std::unique_ptr<running_job>
start_job(const dataflow_plan& plan, const run_options& options, const settings& config, metrics& registry) {
  try {
    auto running = std::make_unique<running_job>(plan, options, config, registry);
    spdlog::info("job '{}' is running", plan.job);
    return running;
  } catch (const connector_error& e) {
    if (!options.stop.stop_requested())
      throw;
    spdlog::info("job '{}' was stopped while it started, and has read nothing: {}", plan.job, e.what());
    return nullptr;
  }
}

/// Where a job with checkpoints may be asked for savepoints. Without a socket it runs all the same.
std::unique_ptr<control_socket> listen_for_requests(const std::string& directory, running_job& running) {
  if (directory.empty())
    return nullptr;
  try {
    return std::make_unique<control_socket>(
      directory, [&running](const std::string& request) { return carry_out(request, running); });
  } catch (const state_error& e) {
    spdlog::warn("nobody can ask this job for a savepoint: {}", e.what());
    return nullptr;
  }
}

int run_to_end(job& what, const launch& start) {
  metrics registry;
  std::stop_source stopping;
  auto options = run_options_from(start.config);
  options.bounded = start.line.bounded;
  options.stop = stopping.get_token();
  time_report_requests asked;
  process_signals signals{
    [&] {
      spdlog::info("stopping: delivering what has been read; a further signal, after a second, ends the program at once");
      stopping.request_stop();
    },
    [&] { asked.ask(); }};
  const auto began = steady::now();
  const auto running = start_job(what.plan(), options, start.config, registry);
  if (!running)
    return exit_done;
  std::optional<progress_display> progress;
  progress.emplace(registry, standard_console(), progress_rhythm_from(start.config, standard_console()), options.bounded);
  time_reports reports{*running, asked, start.line.explain_time, steady::now()};
  auto control = listen_for_requests(options.checkpoints.directory, *running);
  const auto result = wait_for_end(*running, options, reports);
  control.reset();
  progress.reset();
  if (!result.failed && !options.stop.stop_requested())
    reports.at_end(what.plan(), registry);
  if (result.failed)
    spdlog::error("job '{}' failed: {}", what.plan().job, result.reason);
  log_end(what.plan(), options, registry, steady::now() - began, result.failed);
  return result.failed ? exit_failed : exit_done;
}

} // namespace

int exit_code_of(const std::function<int()>& body) {
  try {
    return body();
  } catch (const error& e) {
    spdlog::error("{}", e.what());
    return e.whose() == fault::user ? exit_usage : exit_failed;
  } catch (const std::bad_alloc&) {
    spdlog::error("out of memory: give the program more, or choose a smaller channel.credit or job.parallelism");
  } catch (const std::system_error& e) {
    spdlog::error(
      "the system refused something: {}; look at the limits of this process (ulimit -a, its container's)", e.what());
  } catch (const std::exception& e) {
    spdlog::error("the program ended with an exception: {}", e.what());
  }
  return exit_failed;
}

int run(job& what, const launch& start) {
  if (start.exit)
    return *start.exit;
  return exit_code_of([&]() -> int {
    if (!start.line.explain)
      return run_to_end(what, start);
    validate(what.plan());
    std::fputs(explain(what.plan(), run_options_from(start.config).parallelism).c_str(), stdout);
    return exit_done;
  });
}

int run(job& what, int argc, char** argv) {
  const command_line_parser parser{what.plan().job, "Runs the job " + what.plan().job + " on Leat."};
  return run(what, start_up(parser, {}, argc, argv));
}

int run(
  const command_line_parser& parser, std::span<const embedded_file> defaults, int argc, char** argv,
  const std::function<job(const launch&)>& build) {
  const auto start = start_up(parser, defaults, argc, argv);
  if (start.exit)
    return *start.exit;
  return exit_code_of([&] {
    auto what = build(start);
    return run(what, start);
  });
}

} // namespace leat
