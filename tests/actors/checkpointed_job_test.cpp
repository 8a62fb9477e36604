#include <leat/tests/support/checkpointed_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// Events of many keys, of which most rest for a while.
std::vector<std::vector<event>> rare_keys(unsigned seed, std::size_t each = 150, std::int64_t keys = 60) {
  auto all = random_events(seed, 2, each);
  std::mt19937 random{seed};
  for (auto& events : all)
    for (auto& e : events)
      e.key = static_cast<std::int64_t>(random()) % keys;
  return all;
}

/// Runs jobs with rare keys that are killed again and again, each of another seed, and checks what comes of them.
/// @param change what is different about its checkpoints. @returns how many entries were looked up in the store.
template <class Change>
int looked_up_by_killed_jobs(unsigned jobs, const Change& change) {
  int looked_up = 0;
  for (unsigned seed = 1; seed <= jobs; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    checkpointed_fixture f{seed};
    f.log = std::make_shared<event_log>(rare_keys(seed));
    change(f.options.checkpoints, seed);
    for (std::uint32_t run = 0; run < 5; ++run)
      f.run_and_crash(random, 1'500, 1 + run % 3, seed % 2 == 0);
    f.run_to_the_end(seed);
    f.check_all();
    looked_up += f.storage->looked_up;
  }
  return looked_up;
}

} // namespace

TEST_CASE("a job with checkpoints that is killed at any moment, again and again, counts every event once") {
  std::size_t checkpoints = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    checkpointed_fixture f{seed};
    for (int run = 0; run < 5; ++run)
      f.run_and_crash(random, 1'500);
    f.run_to_the_end(seed);
    f.check_all();
    checkpoints += f.storage->stored.size();
  }
  CHECK(checkpoints > 200);
}

TEST_CASE("checkpoints come as often as they are asked for, also when each is stored long before the next is due") {
  for (const auto interval : {10ms, 20ms, 50ms, 150ms}) {
    CAPTURE(interval.count());
    checkpointed_fixture f{1};
    f.options.checkpoints.interval = interval;
    const auto job = f.begin(1);
    for (int i = 0; i < 600; ++i) {
      job->settle();
      job->pass(1ms);
    }
    CHECK(job->registry.sum("checkpoints_completed") >= 600ms / interval - 1);
    CHECK(job->registry.sum("checkpoints_completed") <= 600ms / interval + 1);
  }
}

TEST_CASE("a job whose partitions have yet to come takes checkpoints, and stops") {
  checkpointed_fixture f{1};
  const auto events = random_events(1, 2, 150);
  f.log = std::make_shared<event_log>(std::vector<std::vector<event>>{});
  {
    const auto job = f.begin(1);
    for (int i = 0; i < 10; ++i) {
      job->pass(100ms);
      job->settle();
    }
    CHECK(job->registry.sum("checkpoints_completed") > 5);
    auto savepoint = job->take_savepoint();
    job->settle();
    REQUIRE(savepoint.wait_for(10s) == std::future_status::ready);
    job->stop();
    CHECK(job->run().reason == "");
  }
  const auto job = f.begin(2);
  job->settle();
  for (const auto& partition : events) {
    f.log->add_partition(partition);
    job->pass(100ms);
    job->settle();
  }
  CHECK(job->registry.sum("checkpoints_completed") > 1);
  CHECK(f.log->records_read() == f.log->all_events().size());
}

TEST_CASE("a job with checkpoints goes on at another parallelism") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    checkpointed_fixture f{seed};
    for (std::uint32_t run = 0; run < 4; ++run)
      f.run_and_crash(random, 2'000, 1 + run);
    f.run_to_the_end(seed, 1 + seed % 4);
    f.check_all();
  }
}

TEST_CASE("a job with room for hardly a row that is killed at any moment counts every event once") {
  CHECK(looked_up_by_killed_jobs(60, [](checkpoint_options& o, unsigned seed) {
          o.memory = 1;
          if (seed % 3 == 0)
            o.alignment_timeout.reset();
        }) > 300);
}

TEST_CASE(
  "a job that loads nothing at its start reads what it kept when its keys come; one with less state loads all of it") {
  CHECK(looked_up_by_killed_jobs(20, [](checkpoint_options& o, unsigned) { o.load_at_start = 100; }) > 10);
  CHECK(looked_up_by_killed_jobs(20, [](checkpoint_options& o, unsigned) { o.load_at_start = 1'000'000; }) == 0);
}

TEST_CASE("a job whose state outgrows its memory takes a checkpoint each time that half of it has changed") {
  for (const auto& [memory, least] :
       {std::pair{std::size_t{1'000'000}, std::size_t{1}}, {std::size_t{4'000}, std::size_t{5}}}) {
    checkpointed_fixture f{1, 1'000};
    f.log = std::make_shared<event_log>(rare_keys(1, 1'000, 400));
    f.options.checkpoints.interval = 1h;
    f.options.checkpoints.memory = memory;
    f.run_to_the_end(1);
    f.check_all();
    CHECK(f.storage->stored.size() >= least);
    CHECK(f.storage->stored.size() <= 4 * least * least);
  }
}

TEST_CASE("a job with bounded memory leaves a step in the store whose checkpoint names a state that has gone") {
  checkpointed_fixture f{1};
  f.log = std::make_shared<event_log>(rare_keys(1, 1'500));
  f.options.checkpoints.memory = 1'000'000;
  {
    const auto job = f.begin(1);
    for (int i = 0; f.storage->stored.size() < 2; ++i)
      if (!job->step() || i % 300 == 299)
        job->pass(100ms);
  }
  CHECK(f.storage->looked_up == 0);
  REQUIRE(f.log->records_read() < f.log->all_events().size());
  for (auto& step : f.storage->described.steps)
    step.states.push_back({"gone", "", ""});
  f.run_to_the_end(1);
  f.check_all();
  CHECK(f.storage->looked_up > 0);
}

TEST_CASE("a job with checkpoints that is stopped goes on where it was, with its windows open") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    checkpointed_fixture f{seed};
    {
      const auto job = f.begin(seed);
      for (auto steps = random() % 600; steps != 0; --steps)
        if (!job->step() || random() % 30 == 0)
          job->pass(100ms);
      job->stop();
      REQUIRE(job->run().reason == "");
    }
    const auto sums_of_first = f.sums->all().size();
    f.run_to_the_end(seed);
    f.check_all();
    REQUIRE(f.sums->all().size() == f.log->all_events().size()); // nothing came twice
    REQUIRE(sums_of_first <= f.sums->all().size());
  }
}

TEST_CASE("after a bounded job has come to its end, another run of it has nothing to do") {
  checkpointed_fixture f{1};
  f.run_to_the_end(1);
  const auto rows = f.rows->all().size();
  f.run_to_the_end(2);
  CHECK(f.rows->all().size() == rows);
  CHECK(f.sums->all().size() == f.log->all_events().size());
}

TEST_CASE("checkpoints that cannot be stored do not end the job, and the next one that can counts") {
  checkpointed_fixture f{1};
  f.storage->failing = true;
  {
    const auto job = f.begin(1);
    for (int i = 0; i < 2'000; ++i)
      if (!job->step() || i % 30 == 0)
        job->pass(100ms);
    CHECK(job->registry.sum("checkpoints_failed") > 1);
    CHECK_FALSE(job->ended());
    f.storage->failing = false;
    job->pass(100ms);
    job->settle();
    CHECK(job->registry.sum("checkpoints_completed") > 0);
  }
  f.run_to_the_end(1);
  f.check_all();
}

TEST_CASE("a job that is killed at any moment counts every event once when checkpoints come to nothing, too") {
  std::size_t stored = 0;
  std::int64_t failed = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    checkpointed_fixture f{seed};
    f.options.checkpoints.timeout = seed % 2 ? 10min : 150ms; // some are given up
    for (int run = 0; run < 5; ++run)
      f.run_and_crash(random, 1'500, 2, true);
    f.run_to_the_end(seed);
    f.check_all();
    stored += f.storage->stored.size();
    failed += f.failed;
  }
  CHECK(stored > 200);
  CHECK(failed > 200);
}

TEST_CASE("a partition that appears takes part in the next checkpoint") {
  checkpointed_fixture f{1, 50};
  {
    const auto job = f.begin(1);
    job->settle();
    f.log->add_partition({{3, 1, 10'000}, {3, 1, 10'040}});
    job->settle();
    for (int i = 0; i < 5; ++i) {
      job->pass(100ms);
      job->settle();
    }
  }
  f.run_to_the_end(1);
  f.check_all();
  CHECK(f.sums->all().size() == f.log->all_events().size());
}

TEST_CASE("of a partition that appears while a checkpoint is under way every event counts once") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    checkpointed_fixture f{seed};
    {
      const auto job = f.begin(seed);
      const auto run = [&](std::size_t steps) {
        for (; steps != 0; --steps)
          if (!job->step() || random() % 30 == 0)
            job->pass(100ms);
      };
      run(random() % 500);
      auto events = random_events(seed + 100, 1, 50).front();
      for (auto& e : events)
        e.time += 10'000; // late for no window
      f.log->add_partition(events);
      run(random() % 500);
    }
    f.run_to_the_end(seed);
    f.check_all();
  }
}
