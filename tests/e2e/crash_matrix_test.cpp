#include "crash_run.hpp"

#include "pipes.hpp"

#include "../support/wait_until.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>

using namespace leat::testing;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

// Rows 1-10 and 12 of the faults, for a job whose sinks commit exactly once.

namespace {

constexpr std::uint64_t seeds = 3;
const std::string short_timeout = "kafka.producer-properties.transaction.timeout.ms=1000";

struct crash_case {
  std::string point;
  std::uint64_t seed = 1;
  int after = 1;
  int delay = 0;                       // µs
  unsigned before = 1, afterwards = 1; // parallelism

  [[nodiscard]] std::vector<std::string> where() const {
    return {"--crash-at", point, "--crash-after", std::to_string(after), "--crash-delay", std::to_string(delay)};
  }
  [[nodiscard]] std::string name() const {
    return fmt::format("{} #{} (+{} us), seed {}, parallelism {} then {}", point, after, delay, seed, before, afterwards);
  }
};

/// Each of these points with each seed, at different parallelisms and at different passings.
std::vector<crash_case> cases_of(const std::vector<std::string>& points) {
  std::vector<crash_case> all;
  unsigned number = 0;
  for (const auto& point : points)
    for (std::uint64_t seed = 1; seed <= seeds; ++seed, ++number) {
      const auto before = 1 + (number + number / 3) % 3;
      const int after = 2 + static_cast<int>(seed * 5 + number) % 7;
      all.push_back({point, seed, after, 0, before, 1 + number % 3});
    }
  return all;
}

void check_nothing_wrong(const std::vector<crash_case>& cases, const std::vector<std::string>& results) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(cases[i].name());
    CHECK(results[i] == "");
  }
}

using arguments = std::vector<std::string>;

std::string crash_once(const crash_case& c, const arguments& how) {
  crash_run run{crash_input::of(c.seed)};
  auto where = c.where();
  where.insert(where.end(), how.begin(), how.end());
  run.crash(c.before, where);
  run.finish(c.afterwards, how);
  return run.wrong();
}

/// With its own exit code; or, rarely, ended by librdkafka 2.0.2, one of whose counts of a transaction's requests may be wrong when
/// somebody else has taken its id over. It asserts on that in a thread of its own, after the job has failed and said why.
bool ended_by_itself(job_process& job) {
  const auto code = job.wait_exit();
  return code == 1 ||
         (code == 128 + SIGABRT && job.log().find("Assertion `rk->rk_eos.txn_req_cnt > 0'") != std::string::npos);
}

void make_inputs() {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    (void)crash_input::of(seed);
}

/// @param how the job is run, before the crash and after it.
void check_points(const std::vector<std::string>& points, const arguments& how = {}) {
  make_inputs();
  const auto cases = cases_of(points);
  check_nothing_wrong(cases, several_at_a_time(cases.size(), [&](std::size_t i) { return crash_once(cases[i], how); }));
}

} // namespace

TEST_CASE(
  "a run that nothing disturbs writes what is expected, so a crash can be told from a wrong expectation", "[crash]") {
  crash_run run{crash_input::of(1)};
  run.finish(2);
  CHECK(run.wrong() == "");
}

TEST_CASE("kill -9 before a barrier leaves its source, or in the middle of a snapshot, changes no result", "[crash]") {
  check_points({"source-barrier", "position", "shard-barrier", "shard-snapshot", "cut"});
}

TEST_CASE("kill -9 before, while and after a checkpoint is stored changes no result", "[crash]") {
  check_points({"complete", "pages-written", "pages-synced", "stored", "told"});
}

TEST_CASE("kill -9 before, while and after changes are folded, with hardly a row in memory, changes no result", "[crash]") {
  check_points({"folding", "fold-pages-written", "fold-pages-synced", "folded"}, {"--set", "checkpoints.state-memory=4KB"});
}

/// At the same parallelism: at another, records that a barrier has overtaken may change places (decision 0010).
TEST_CASE("kill -9 changes no result where barriers overtake all records", "[crash]") {
  make_inputs();
  auto cases = cases_of({"shard-barrier", "shard-snapshot", "complete", "told", "acknowledged"});
  for (auto& c : cases)
    c.afterwards = c.before;
  const arguments overtaking{"--set", "checkpoints.alignment-timeout=0ms"};
  check_nothing_wrong(
    cases, several_at_a_time(cases.size(), [&](std::size_t i) { return crash_once(cases[i], overtaking); }));
}

TEST_CASE("kill -9 changes no result of a job that loads nothing at its start", "[crash]") {
  check_points({"stored", "acknowledged"}, {"--set", "checkpoints.load-at-start=0MB"});
}

TEST_CASE("kill -9 at any moment after a checkpoint has begun to be stored changes no result", "[crash]") {
  make_inputs();
  std::vector<crash_case> cases;
  for (const int delay : {50, 150, 400, 800, 1500, 3000})
    cases.push_back({"storing", 1 + static_cast<std::uint64_t>(delay) % 3, 3, delay, 2, 3});
  std::atomic<int> in_the_middle = 0;
  const auto results = several_at_a_time(cases.size(), [&](std::size_t i) {
    crash_run run{crash_input::of(cases[i].seed)};
    if (run.crash(cases[i].before, cases[i].where()).find("killed while a checkpoint is stored") != std::string::npos)
      ++in_the_middle;
    run.finish(cases[i].afterwards);
    return run.wrong();
  });
  check_nothing_wrong(cases, results);
  CHECK(in_the_middle > 0);
}

TEST_CASE("kill -9 in a transaction, or with one sink committed and the other not, changes no result", "[crash]") {
  check_points({"begun", "half-produced", "produced", "ending", "answered", "acknowledged", "totals-only", "tallies-only"});
}

TEST_CASE("kill -9 ten times in a row while a job is restored changes no result, and its state does not grow", "[crash]") {
  make_inputs();
  const auto cases = cases_of({"read", "rewriting-begun", "rewriting-half-produced"});
  check_nothing_wrong(cases, several_at_a_time(cases.size(), [&](std::size_t i) {
                        const auto& c = cases[i];
                        crash_run run{crash_input::of(c.seed)};
                        run.crash(c.before, {"--crash-at", "stored", "--crash-after", "4"});
                        run.crash(c.before, {"--crash-at", c.point});
                        const auto size = run.state_size();
                        for (unsigned again = 1; again < 10; ++again)
                          run.crash(1 + (c.before + again) % 3, {"--crash-at", c.point});
                        const auto grown = run.state_size();
                        run.finish(c.afterwards);
                        return run.wrong() + (grown > size ? fmt::format("state of {} bytes, then {}\n", size, grown) : "");
                      }));
}

TEST_CASE("a transaction that the broker has ended by its timeout is written again", "[crash]") {
  make_inputs();
  auto cases = cases_of({"half-produced", "produced"});
  for (auto& c : cases)
    c.after = static_cast<int>(2 * c.before + c.seed); // the first transaction of each writer may have no records
  check_nothing_wrong(cases, several_at_a_time(cases.size(), [&](std::size_t i) -> std::string {
                        const auto& c = cases[i];
                        crash_run run{crash_input::of(c.seed)};
                        auto where = c.where();
                        where.insert(where.end(), {"--set", short_timeout, "--bounded"});
                        const auto job = run.freeze(c.before, where);
                        run.wait_until_broker_ends_all();
                        job->signal(SIGCONT);
                        if (job->wait_exit() != 0 || job->log().find("has ended in doubt") == std::string::npos)
                          return "not what happens to one that was ended:\n" + job->log();
                        return run.wrong();
                      }));
}

TEST_CASE("a second program on a state directory refuses to start and says who holds it", "[crash]") {
  crash_run run{crash_input::of(1)};
  const auto first = run.start(2);
  first->wait_running();
  const auto second = run.start(2);
  CHECK(second->wait_exit() == 1);
  CHECK_THAT(
    second->log(), Contains(run.directory()) && Contains("in use by process " + std::to_string(first->pid()) + " on "));
}

TEST_CASE("a program that goes on while its successor runs is shut out, says so, and changes no result", "[crash]") {
  make_inputs();
  const auto cases = cases_of({"complete", "told", "half-produced", "ending"});
  check_nothing_wrong(cases, several_at_a_time(cases.size(), [&](std::size_t i) -> std::string {
                        const auto& c = cases[i];
                        crash_run run{crash_input::of(c.seed)};
                        const auto old = run.freeze(c.before, c.where());
                        let_last(0s, 60s);
                        const auto successor = run.start(c.afterwards, {"--bounded", "--pace", "8"}, run.copy_of_state());
                        successor->wait_for_log("all writers are restored"); // so it has their transactional ids
                        old->signal(SIGCONT);
                        std::string wrong;
                        if (!ended_by_itself(*old) || old->log().find("another instance") == std::string::npos)
                          wrong = "the old one was not shut out:\n" + old->log();
                        if (successor->wait_exit() != 0)
                          wrong += "its successor has failed:\n" + successor->log();
                        return wrong + run.wrong();
                      }));
}
