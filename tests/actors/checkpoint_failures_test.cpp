#include <leat/actors/running_job.hpp>

#include <leat/tests/support/checkpointed_fixture.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace leat;
using namespace leat::testing;

namespace {

/// A job whose disk is full when the test says so.
struct failing_fixture : checkpointed_fixture {
  explicit failing_fixture(std::optional<std::uint32_t> tolerable) : checkpointed_fixture{1} {
    options.checkpoints.tolerable_failures = tolerable;
    options.threads = 2;
  }

  void start() { job = begin(1); }

  /// Takes so many checkpoints.
  void take(int checkpoints, bool fail) {
    storage->failing = fail;
    for (int i = 0; i < checkpoints && !job->ended(); ++i) {
      job->pass(100ms);
      job->settle();
    }
  }

  std::unique_ptr<deterministic_job> job;
};

} // namespace

TEST_CASE("a job takes as many failed checkpoints in a row as it may, and fails with the next") {
  failing_fixture f{2};
  f.start();
  f.take(2, true);
  CHECK_FALSE(f.job->ended());
  f.take(1, true);
  REQUIRE(f.job->ended());
  CHECK_THAT(f.job->ended()->reason, Catch::Contains("3 in a row came to nothing") && Catch::Contains("the disk is full"));
}

TEST_CASE(
  "a job whose changes take half of its memory reads nothing while checkpoints fail, and goes on when one is stored") {
  failing_fixture f{std::nullopt};
  f.log = std::make_shared<event_log>(random_events(1, 2, 1'000));
  f.options.checkpoints.memory = 1;
  f.options.bounded = true;
  f.start();
  f.take(20, true);
  const auto read = f.log->records_read();
  CHECK(read < f.log->all_events().size() / 2);
  f.take(50, true);
  CHECK(f.log->records_read() == read);
  f.storage->failing = false;
  REQUIRE(f.job->run().reason == "");
  f.check_all();
}

TEST_CASE("a checkpoint that a full shard waits for is tried again more and more seldom, and these tries are not counted") {
  failing_fixture f{2};
  f.options.checkpoints.interval = 1h;
  f.options.checkpoints.memory = 1;
  f.start();
  f.take(20, true); // at 0, 100, 300, 700 and 1,500 ms
  CHECK_FALSE(f.job->ended());
  CHECK(f.job->registry.sum("checkpoints_failed") >= 4);
  CHECK(f.job->registry.sum("checkpoints_failed") <= 6);
}

TEST_CASE("a checkpoint that sources rest for is tried again, however full the shard that asked for it is") {
  int rested = 0;
  for (std::uint64_t memory = 1; memory < 1'000'000; memory *= 2) {
    INFO("memory " << memory);
    failing_fixture f{std::nullopt};
    f.log = std::make_shared<event_log>(random_events(1, 2, 1'000));
    f.options.checkpoints.interval = 1h;
    f.options.checkpoints.memory = memory;
    f.start();
    f.take(20, true);
    const bool rests = f.log->records_read() < f.log->all_events().size();
    if (rests && ++rested)
      CHECK(f.job->registry.sum("checkpoints_failed") >= 4);
    f.take(20, false);
    CHECK(f.log->records_read() == f.log->all_events().size());
  }
  CHECK(rested > 5);
}

TEST_CASE("a partition that is found while sources rest is not read before they may") {
  failing_fixture f{std::nullopt};
  f.log = std::make_shared<event_log>(random_events(1, 2, 1'000));
  f.options.checkpoints.memory = 1;
  f.start();
  f.take(20, true);
  const auto read = f.log->records_read();
  REQUIRE(read < f.log->all_events().size());
  f.log->add_partition(random_events(2, 1, 1'000).front());
  f.take(20, true);
  CHECK(f.log->records_read() == read);
  f.take(20, false);
  CHECK(f.log->records_read() == f.log->all_events().size());
}

TEST_CASE("a job whose full shard waits for checkpoints that all fail has failed after as many intervals as it may") {
  failing_fixture f{2};
  f.options.checkpoints.interval = 10s;
  f.options.checkpoints.memory = 1;
  f.start();
  f.take(150, true);
  CHECK_FALSE(f.job->ended());
  f.take(200, true);
  REQUIRE(f.job->ended());
  CHECK_THAT(f.job->ended()->reason, Catch::Contains("3 in a row came to nothing"));
}

TEST_CASE("failed checkpoints do not add up across one that is stored") {
  failing_fixture f{1};
  f.start();
  for (int i = 0; i < 5; ++i) {
    f.take(1, true);
    f.take(1, false);
  }
  CHECK(f.job->registry.sum("checkpoints_failed") == 5);
  CHECK_FALSE(f.job->ended());
}

TEST_CASE("a job that may have any number of failed checkpoints goes on") {
  failing_fixture f{std::nullopt};
  f.start();
  f.take(50, true);
  CHECK(f.job->registry.sum("checkpoints_failed") > 40);
  CHECK_FALSE(f.job->ended());
}

TEST_CASE("checkpoints that take too long count as failed") {
  failing_fixture f{1};
  f.options.checkpoints.alignment_timeout.reset();
  f.options.checkpoints.timeout = 50ms;
  f.cork();
  f.start();
  f.take(10, false);
  REQUIRE(f.job->ended());
  CHECK_THAT(f.job->ended()->reason, Catch::Contains("2 in a row came to nothing") && Catch::Contains("in time"));
}

TEST_CASE("what becomes of a job with too many failed checkpoints is for the restart strategy to say") {
  failing_fixture f{0};
  f.storage->failing = true;
  f.options.checkpoints.interval = 1ms;
  f.options.restart = {.how = restart_options::strategy::fixed_delay, .attempts = 2, .delay = 1ms};
  settings config;
  metrics registry;
  running_job running{f.plan(2), f.options, config, registry};
  const auto result = running.wait_for(30s);
  REQUIRE(result);
  CHECK_THAT(result->reason, Catch::Contains("checkpoints.tolerable-failures allows 0 (after 2 restarts)"));
}

TEST_CASE("a running job tells what its last checkpoints took, step by step") {
  failing_fixture f{std::nullopt};
  f.options.checkpoints.interval = 1ms;
  f.options.checkpoints.history = 3;
  settings config;
  metrics registry;
  running_job running{f.plan(2), f.options, config, registry};
  std::vector<checkpoint_summary> last;
  for (int i = 0; i < 10'000 && (last.size() < 3 || last.back().epoch < 5); ++i) {
    (void)running.wait_for(1ms);
    last = running.checkpoints();
  }
  REQUIRE(last.size() == 3);
  CHECK(last.back().stored);
  CHECK(last.back().epoch == last.front().epoch + 2);
  CHECK(last.back().parts.size() == 5);
  CHECK(last.back().bytes() > 0);
  CHECK_THAT(to_text(last.back()), Catch::Contains("of 'totals'"));
}
