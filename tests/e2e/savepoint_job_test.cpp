#include "../support/wait_until.hpp"
#include "crash_run.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

using namespace leat::testing;
using Catch::Matchers::Contains;

// Jobs with exactly-once sinks that stop, or are killed, and go on from a copy of a checkpoint.

namespace {

/// What the command `leat` prints; it has to succeed.
std::string said_by_leat(const std::vector<std::string>& arguments) {
  job_process command{LEAT_COMMAND, arguments};
  CHECK(command.wait_exit() == 0);
  auto said = command.log();
  while (!said.empty() && said.back() == '\n')
    said.pop_back();
  return said;
}

/// Runs it to its end in a new directory, which begins with the copy.
void finish_from(crash_run& run, const std::string& copy, unsigned parallelism, std::vector<std::string> more = {}) {
  more.insert(more.end(), {"--from-savepoint", copy});
  run.finish(parallelism, more, run.another_directory());
}

/// The copy of the latest checkpoint that a job keeps beside its state; empty: there is none.
std::string newest_retained(const std::string& directory) {
  std::uint64_t newest = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{directory + "/retained", none})
    if (entry.path().extension() == ".mdb")
      newest = std::max<std::uint64_t>(newest, std::stoull(entry.path().stem().string()));
  return newest == 0 ? "" : directory + "/retained/" + std::to_string(newest) + ".mdb";
}

} // namespace

TEST_CASE(
  "a job that is stopped with a savepoint goes on from it elsewhere, at another parallelism, with the same results",
  "[fault]") {
  crash_run run{crash_input::of(1)};
  const auto job = run.start(2, {"--pace", "8"});
  job->wait_running();
  run.wait_for_checkpoints(5);
  const auto copy = said_by_leat({"savepoint", "create", run.directory(), "--stop"});
  CHECK(job->wait_exit() == 0);
  CHECK_THAT(said_by_leat({"savepoint", "verify", copy}), Contains(copy));
  CHECK_THAT(said_by_leat({"savepoint", "list", run.directory()}), Contains("savepoint"));
  finish_from(run, copy, 3);
  CHECK(run.wrong() == "");
}

TEST_CASE("a job that runs on after a savepoint has the results of one that made none", "[fault]") {
  crash_run run{crash_input::of(2)};
  const auto job = run.start(2, {"--pace", "8", "--bounded"});
  job->wait_running();
  for (int i = 0; i < 3; ++i) {
    run.wait_for_checkpoints(3);
    const auto copy = said_by_leat({"savepoint", "create", run.directory()});
    CHECK(std::filesystem::is_regular_file(copy));
  }
  CHECK(job->wait_exit() == 0);
  CHECK(run.wrong() == "");
}

TEST_CASE("a program that has changed goes on from a savepoint of the one before", "[fault]") {
  crash_run run{crash_input::of(3)};
  const auto job = run.start(2, {"--pace", "8", "--variant", "narrower"});
  job->wait_running();
  run.wait_for_checkpoints(5);
  const auto copy = said_by_leat({"savepoint", "create", run.directory(), "--stop"});
  CHECK(job->wait_exit() == 0);
  finish_from(run, copy, 1, {"--variant", "remembering"});
  CHECK(run.wrong() == "");
}

TEST_CASE(
  "a job whose state is lost goes on from the copy that was retained last, when nothing has come out since", "[fault]") {
  crash_run run{crash_input::of(1)};
  const auto job = run.start(2, {"--pace", "8", "--set", "checkpoints.retain=2", "--set", "checkpoints.retain-every=1s"});
  job->wait_running();
  run.wait_for_checkpoints(100); // the input lasts two seconds
  job->crash();
  finish_from(run, newest_retained(run.directory()), 3);
  CHECK(run.wrong() == "");
}

TEST_CASE("a job whose sinks have written more than a retained copy knows refuses to go back to it", "[fault]") {
  crash_run run{crash_input::of(2)};
  const auto job = run.start(2, {"--pace", "8", "--set", "checkpoints.retain=1", "--set", "checkpoints.retain-every=1h"});
  job->wait_running();
  run.wait_for_checkpoints(6);
  wait_until("a retained copy", std::chrono::seconds{30}, [&] { return newest_retained(run.directory()) != ""; });
  const auto copy = run.another_directory() + "-old.mdb";
  std::filesystem::copy(newest_retained(run.directory()), copy);
  run.wait_for_output(100);
  job->crash();
  const auto refused = run.start(2, {"--from-savepoint", copy, "--bounded"}, run.another_directory());
  CHECK(refused->wait_exit() == 1);
  CHECK_THAT(refused->log(), Contains("kafka.allow-duplicates"));
  run.finish(3);
  CHECK(run.wrong() == "");
}
