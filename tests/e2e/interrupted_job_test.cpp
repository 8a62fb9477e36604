#include "crash_run.hpp"

#include "pipes.hpp"

#include "../support/wait_until.hpp"

#include <catch2/catch.hpp>

#include <csignal>

using namespace leat::testing;
using Catch::Matchers::Contains;

// Rows 19, 20 and 30 of the faults, for a job whose sinks commit exactly once: the wall clock, a record that it cannot bear, and
// signals.

namespace {

/// A broker that answers nobody for the length of a test's part.
class frozen_broker {
public:
  frozen_broker() { kafka_server::shared().freeze(); }
  frozen_broker(const frozen_broker&) = delete;
  frozen_broker& operator=(const frozen_broker&) = delete;
  ~frozen_broker() { kafka_server::shared().thaw(); }
};

/// Asks the program to stop while its sinks cannot commit, again and again if it is to be forced. @returns its exit code.
int stop_without_broker(crash_run& run, bool force, const std::vector<std::string>& more) {
  auto arguments = more;
  arguments.insert(arguments.end(), {"--pace", "4"});
  const auto job = run.start(2, arguments);
  run.wait_for_checkpoints(5);
  const frozen_broker nobody_answers;
  job->signal(SIGTERM);
  job->wait_for_log("stopping");
  if (force)
    wait_until("the job to be ended by signals", std::chrono::seconds{10}, [&] {
      job->signal(SIGTERM);
      return !job->running();
    });
  return job->wait_exit(std::chrono::seconds{10});
}

} // namespace

TEST_CASE("a job that is asked to stop in the middle of a checkpoint, even twice, drains and can go on", "[fault]") {
  const auto& input = crash_input::of(1);
  const std::vector<std::string> points{"shard-snapshot", "cut", "ending"};
  const auto wrong = several_at_a_time(points.size(), [&](std::size_t i) {
    crash_run run{input};
    const auto job = run.freeze(2, {"--crash-at", points[i], "--crash-after", "6"});
    job->signal(SIGTERM);
    job->signal(SIGINT);
    job->signal(SIGCONT);
    const auto code = job->wait_exit();
    run.finish(3);
    return run.wrong() + (code == 0 ? "" : "exit code " + std::to_string(code) + ":\n" + job->log());
  });
  CHECK(wrong == std::vector<std::string>(points.size()));
}

TEST_CASE("a job whose sinks cannot commit is ended by a second signal or its deadline, and can go on", "[fault]") {
  crash_run run{crash_input::of(2)};
  CHECK(stop_without_broker(run, true, {}) == 130);
  CHECK(stop_without_broker(run, false, {"--set", "job.drain-deadline=1s"}) == 1);
  run.finish(3);
  CHECK(run.wrong() == "");
}

TEST_CASE(
  "a record that makes a job fail whenever it comes ends it after so many restarts; mended, it goes on", "[fault]") {
  crash_run run{crash_input::of(3)};
  const auto job = run.start(
    2, {"--bounded", "--poison", "3000", "--set", "restart.strategy=fixed-delay", "--set", "restart.attempts=3", "--set",
        "restart.delay=20ms"});
  CHECK(job->wait_exit() == 1);
  CHECK_THAT(job->log(), Contains("an event that it cannot bear (after 3 restarts)"));
  run.finish(3);
  CHECK(run.wrong() == "");
}

TEST_CASE("a wall clock that jumps days ahead, and back behind, holds no checkpoint up and changes no result", "[fault]") {
  crash_run run{crash_input::of(1)};
  const auto job = run.start(2, {"--bounded", "--pace", "3"});
  run.wait_for_checkpoints(3);
  job->signal(SIGUSR2);
  run.wait_for_checkpoints(5);
  job->signal(SIGUSR2);
  run.wait_for_checkpoints(5);
  CHECK(job->running());
  CHECK(job->wait_exit() == 0);
  CHECK(run.wrong() == "");
}
