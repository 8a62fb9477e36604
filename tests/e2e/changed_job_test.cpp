#include "crash_run.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace leat::testing;
using Catch::Matchers::Contains;

// Row 29 of the faults: the program that goes on is another one. Another parallelism: crash_matrix_test.cpp.

namespace {

const std::vector<std::string> in_the_middle{"--crash-at", "stored", "--crash-after", "6"};

std::vector<std::string> in_the_middle_of(const std::string& variant) {
  auto where = in_the_middle;
  where.insert(where.end(), {"--variant", variant});
  return where;
}

/// What is wrong when one variant of the program is killed in the middle and another goes on, at another parallelism.
std::string wrong_when_changed(std::uint64_t seed, const std::string& before, const std::string& after) {
  crash_run run{crash_input::of(seed)};
  run.crash(1 + seed % 3, in_the_middle_of(before));
  run.finish(1 + (seed + 1) % 3, {"--variant", after});
  return run.wrong();
}

/// Starts the program, which must refuse the state. @returns what it says.
std::string refusal_of(crash_run& run, const std::vector<std::string>& more = {}) {
  auto arguments = more;
  arguments.emplace_back("--bounded");
  const auto job = run.start(2, arguments);
  CHECK(job->wait_exit() == 1);
  return job->log();
}

} // namespace

TEST_CASE("a program with one more step goes on from the checkpoint of the one without, with the same results", "[fault]") {
  CHECK(wrong_when_changed(1, "", "remembering") == "");
}

TEST_CASE("a program without a step that had state is refused with its name; allowed to, it goes on", "[fault]") {
  crash_run run{crash_input::of(2)};
  run.crash(2, in_the_middle_of("remembering"));
  CHECK_THAT(refusal_of(run), Contains("step 'remembering'") && Contains("--allow-dropped-state"));
  run.finish(1, {"--allow-dropped-state"});
  CHECK(run.wrong() == "");
}

TEST_CASE(
  "a program whose state has gained or lost a member, or has wider numbers, goes on with what there was", "[fault]") {
  CHECK(wrong_when_changed(3, "", "wider") == "");
  CHECK(wrong_when_changed(2, "wider", "") == "");
  CHECK(wrong_when_changed(2, "narrower", "") == "");
}

TEST_CASE("a program whose steps have other names, and the same uids, goes on from the checkpoint", "[fault]") {
  CHECK(wrong_when_changed(1, "", "renamed") == "");
  CHECK(wrong_when_changed(2, "renamed", "") == "");
}

TEST_CASE("a program whose steps stand in another order goes on from the checkpoint", "[fault]") {
  CHECK(wrong_when_changed(3, "", "reordered") == "");
}

TEST_CASE("a program whose state no longer holds what there was is refused with the difference", "[fault]") {
  crash_run run{crash_input::of(1)};
  run.crash(2, in_the_middle);
  CHECK_THAT(
    refusal_of(run, {"--variant", "narrower"}), Contains("step 'tallying'") && Contains("buckets") && Contains("int64") &&
                                                  Contains("int32") && Contains("go back to what it was"));
  run.finish(3);
  CHECK(run.wrong() == "");
}
