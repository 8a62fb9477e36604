#include "simulated_job.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <string>

using namespace leat;
using namespace leat::testing;

namespace {

std::uint64_t seeds() {
  const auto* const wanted = std::getenv("LEAT_SIMULATIONS");
  return wanted ? std::stoull(wanted) : 100'000;
}

/// What happened in the run of a seed that failed.
std::string story_of(std::uint64_t seed, mutant how = mutant::none) {
  simulated_job job{seed, how};
  job.tell();
  const auto failure = job.run();
  return job.story() + failure;
}

/// The first seed that finds it; 0: none of the first few thousand.
std::uint64_t found_by(mutant how) {
  for (std::uint64_t seed = 1; seed <= 5'000; ++seed)
    if (!simulated_job{seed, how}.run().empty())
      return seed;
  return 0;
}

} // namespace

TEST_CASE("whatever is killed, lost, late or full, and whenever: each result is committed once") {
  int crashes = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    simulated_job job{seed};
    const auto failure = job.run();
    crashes += job.crashes();
    if (!failure.empty())
      FAIL("seed " << seed << " (LEAT_SIMULATION_SEED=" << seed << " tells it): " << failure << "\n" << story_of(seed));
  }
  CHECK(crashes > static_cast<int>(seeds() / 2));
}

TEST_CASE("one seed, told", "[.][seed]") {
  const auto* const wanted = std::getenv("LEAT_SIMULATION_SEED");
  REQUIRE(wanted);
  WARN(story_of(std::stoull(wanted)));
}

TEST_CASE("a protocol that is wrong in one place is found") {
  CHECK(found_by(mutant::commits_before_durable) != 0);
  CHECK(found_by(mutant::commits_failed) != 0);
  CHECK(found_by(mutant::marker_before_take_over) != 0);
  CHECK(found_by(mutant::no_take_over) != 0);
  CHECK(found_by(mutant::logs_not_saved) != 0);
  CHECK(found_by(mutant::late_snapshot_forgotten) != 0);
  CHECK(found_by(mutant::always_written_again) != 0);
  CHECK(found_by(mutant::not_aligned) != 0);
  CHECK(found_by(mutant::position_too_far) != 0);
  CHECK(found_by(mutant::doubt_is_success) != 0);
}
