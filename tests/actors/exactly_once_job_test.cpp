#include <leat/tests/support/checkpointed_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

struct exactly_once_fixture : checkpointed_fixture {
  explicit exactly_once_fixture(unsigned seed, std::size_t each = 150) : checkpointed_fixture{seed, each} {
    exactly_once = true;
  }
  [[nodiscard]] std::size_t written_again() const { return committed_rows->written_again + committed_sums->written_again; }
};

} // namespace

TEST_CASE("a job that is killed at any moment, again and again, commits each result once") {
  std::size_t written_again = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    exactly_once_fixture f{seed};
    for (int run = 0; run < 5; ++run)
      f.run_and_crash(random, 1'500);
    f.run_to_the_end(seed);
    f.check_each_once();
    written_again += f.written_again();
  }
  CHECK(written_again > 200); // a crash between a checkpoint and its commit is among them
}

TEST_CASE("each result is committed once though the job goes on at another parallelism") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    exactly_once_fixture f{seed};
    for (std::uint32_t run = 0; run < 4; ++run) {
      f.options.parallelism = 1 + (seed + run) % 3;
      f.run_and_crash(random, 2'000, 1 + run);
    }
    f.run_to_the_end(seed, 1 + seed % 4);
    f.check_each_once();
  }
}

TEST_CASE("results of a stream that has ended are committed before the job ends") {
  exactly_once_fixture f{1};
  f.run_to_the_end(1);
  f.check_each_once();
  CHECK(f.written_again() == 0);
}

TEST_CASE("a job that is stopped has committed what it has emitted") {
  exactly_once_fixture f{1};
  {
    const auto job = f.begin(1);
    for (int i = 0; i < 500; ++i)
      if (!job->step() || i % 30 == 0)
        job->pass(100ms);
    job->stop();
    std::mt19937 random{1};
    REQUIRE(job->run([&] { f.let_arrive(random); }).reason == "");
    CHECK(
      static_cast<std::int64_t>(f.committed_sums->all.size()) ==
      job->registry.sum("records_out") - static_cast<std::int64_t>(f.committed_rows->all.size()));
  }
  f.run_to_the_end(1);
  f.check_each_once();
  CHECK(f.written_again() == 0);
}

TEST_CASE("an exactly-once sink that keeps too much asks for a checkpoint before it is due") {
  exactly_once_fixture f{1};
  f.options.checkpoints.interval = 1h;
  f.committed_sums->full_at = 100;
  const auto job = f.begin(1);
  job->settle();
  CHECK(job->registry.sum("checkpoints_completed") > 0);
}

TEST_CASE("a job with an exactly-once sink and no checkpoints does not start") {
  exactly_once_fixture f{1};
  f.options.checkpoints = {};
  CHECK_THROWS_WITH(f.begin(1), Catch::Contains("sink 'rows'") && Catch::Contains("checkpoints.directory"));
}

TEST_CASE("a sink that knows no transactions cannot be asked for exactly-once delivery") {
  exactly_once_fixture f{1};
  f.exactly_once = false;
  auto plan = f.plan(2);
  plan.stages[3].guarantee = delivery::exactly_once;
  CHECK_THROWS_WITH(
    deterministic_job(plan, f.options, 1), Catch::Contains("sink 'rows'") && Catch::Contains("no transactions"));
}
