#include "pipes.hpp"

#include <catch2/catch.hpp>

using namespace leat::testing;

// Row 31 of the faults: what a job says has nowhere to go. It says less; it goes on.

namespace {

void check_goes_on(const std::vector<std::string>& more, const std::string& redirections) {
  const auto payments = make_payments({.seed = 71, .count = 3000, .step = 100});
  pipes run{windowed_totals};
  run.feed(payments);
  auto arguments = more;
  arguments.emplace_back("--bounded");
  const auto job = run.start(arguments, redirections);
  CHECK(job->wait_exit() == 0);
  CHECK(difference(run.rows(), expected_totals(payments)) == "");
}

} // namespace

TEST_CASE("a job goes on with standard output closed") { check_goes_on({}, ">&-"); }

TEST_CASE("a job goes on with standard error closed") { check_goes_on({}, "2>&-"); }

TEST_CASE("a job goes on with all standard streams closed") { check_goes_on({"--set", "progress=always"}, "<&- >&- 2>&-"); }

TEST_CASE("a job goes on when its log goes to a full disk") {
  check_goes_on({"--set", "log.file=/dev/full", "--log-level", "trace"}, "");
}

TEST_CASE("a job goes on when all it says goes to a full disk") {
  check_goes_on({"--set", "log.file=/dev/full", "--log-level", "trace", "--set", "progress=always"}, ">/dev/full 2>&1");
}
