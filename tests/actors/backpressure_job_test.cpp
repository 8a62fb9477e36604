#include <leat/tests/actors/unaligned_fixture.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// Behind sinks that take a record a second, for five minutes.
struct trickling_fixture : unaligned_fixture {
  explicit trickling_fixture(alignment_timeout timeout) : unaligned_fixture{1, timeout, 20'000} {
    options.checkpoints.history = 3'000;
  }

  void run_for_five_minutes() {
    cork();
    const auto job = begin(1);
    for (int second = 0; second < 300; ++second) {
      rows->take(1);
      sums->take(1);
      pass(*job, 10);
    }
    taken = job->checkpoints();
    for (const auto& m : job->registry.samples())
      if (m.name == "mailbox_batches_peak")
        most_held = std::max(most_held, m.value - job->registry.get("mailbox_credit_granted", m.step, m.instance).value());
  }

  [[nodiscard]] std::uint64_t most_in_flight() const {
    std::uint64_t most = 0;
    for (const auto& c : taken)
      for (const auto& [stage, part] : c.parts)
        most = std::max(most, part.in_flight_bytes);
    return most;
  }

  std::vector<checkpoint_summary> taken;
  std::int64_t most_held = -1'000; // batches more than were granted
};

/// One window of so many keys that its rows are many batches.
struct crowded_fixture : unaligned_fixture {
  crowded_fixture(unsigned seed, alignment_timeout timeout) : unaligned_fixture{seed, timeout} {
    std::vector<event> events;
    for (std::int64_t key = 0; key < 6'000; ++key)
      events.push_back({key, 1, 1 + key % 15});
    events.push_back({0, 1, 1'000});
    log = std::make_shared<event_log>(std::vector<std::vector<event>>{events}, 1'000);
    options.credit = 1;
  }
};

} // namespace

TEST_CASE(
  "a sink that no barrier can overtake to does not wait for one when its epoch is full: the job says so and fails") {
  unaligned_fixture f{1, 0ms};
  f.exactly_once = true;
  f.committed_sums->full_at = 5;
  f.options.checkpoints.interval = 1h;
  f.change = [](dataflow_plan& p) { p.stages[2].edges = {to_each_of(4)}; };
  const auto job = f.begin(1);
  f.pass(*job, 5);
  REQUIRE(job->ended());
  CHECK_THAT(job->ended()->reason, Catch::Contains("too many rows between two checkpoints"));
}

TEST_CASE("under full backpressure a checkpoint completes only when barriers overtake") {
  CHECK(unaligned_fixture(1, std::nullopt).checkpoints_under_backpressure() <= 1);
  CHECK(unaligned_fixture(1, 150ms).checkpoints_under_backpressure() > 3);
  CHECK(unaligned_fixture(1, 0ms).checkpoints_under_backpressure() > 15);
}

TEST_CASE(
  "behind sinks that take a record a second, checkpoints complete within a second, and what is held does not grow") {
  for (const alignment_timeout timeout : {250ms, 0ms}) {
    CAPTURE(to_text(timeout));
    trickling_fixture f{timeout};
    f.run_for_five_minutes();
    CHECK(f.sums->all().size() == 300);
    CHECK(f.taken.size() >= (timeout == 0ms ? 1'400 : 600));
    CHECK(std::ranges::all_of(f.taken, [](const auto& c) { return c.stored && c.took <= 1s; }));
    CHECK(f.most_held <= 0);
    CHECK(f.log->records_read() < 2'000);
    CHECK(f.most_in_flight() > 0);
    CHECK(f.most_in_flight() < 200'000);
    f.run_to_the_end(1);
    f.check_all();
  }
}

TEST_CASE("a restart from a checkpoint that was taken under full backpressure loses and doubles nothing") {
  for (const alignment_timeout timeout : {150ms, 0ms})
    for (unsigned seed = 1; seed <= 20; ++seed) {
      CAPTURE(to_text(timeout), seed);
      unaligned_fixture f{seed, timeout};
      f.checkpoints_under_backpressure();
      f.run_to_the_end(seed, 1 + seed % 3);
      f.check_all();
      REQUIRE(f.sums->all().size() == f.log->all_events().size());
      REQUIRE(f.rows->all().size() == expected_rows(f.log->all_events(), 40ms, 20ms).size());
    }
}

TEST_CASE("records of a key that were on their way keep their order at the same parallelism") {
  for (const alignment_timeout timeout : {150ms, 0ms})
    for (unsigned seed = 1; seed <= 20; ++seed) {
      CAPTURE(to_text(timeout), seed);
      unaligned_fixture f{seed, timeout};
      f.checkpoints_under_backpressure();
      f.run_to_the_end(seed);
      std::map<std::int64_t, std::int64_t> last;
      for (const auto& sum : f.sums->all())
        REQUIRE(std::exchange(last[sum.key], sum.value) <= sum.value);
    }
}

TEST_CASE("a savepoint has no records on their way: its barriers wait, and only a sink that is full has them overtake") {
  unaligned_fixture f{1, 0ms};
  f.cork();
  const auto job = f.begin(1);
  f.pass(*job, 5);
  const auto before = f.storage->stored.size();
  auto answer = job->take_savepoint();
  f.pass(*job, 20);
  CHECK(answer.wait_for(0s) == std::future_status::timeout);
  CHECK(f.storage->stored.size() == before);
  f.uncork();
  f.pass(*job, 1);
  REQUIRE(answer.wait_for(10s) == std::future_status::ready); // the copy is made by a thread of its own
  CHECK(answer.get().failure == "");
  const auto taken = job->checkpoints();
  const auto saved = std::ranges::find(taken, before + 1, &checkpoint_summary::epoch);
  REQUIRE(saved != taken.end());
  for (const auto& [stage, part] : saved->parts)
    CHECK(part.in_flight_bytes == 0);
}

TEST_CASE("a savepoint of a job whose sink is full before its barrier has come is done all the same") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    unaligned_fixture f{seed, 1h, 5'000};
    f.exactly_once = true;
    f.committed_sums->full_at = 5;
    f.options.credit = 3;
    const auto job = f.begin(seed);
    for (int savepoint = 0; savepoint < 10; ++savepoint) {
      auto answer = job->take_savepoint();
      f.pass(*job, 20);
      REQUIRE(answer.wait_for(10s) == std::future_status::ready);
      CHECK(answer.get().failure == "");
      for (unsigned steps = 10 * seed; steps != 0; --steps)
        job->step();
    }
  }
}

TEST_CASE("records on their way on an edge that is gone are refused, or dropped when that is allowed") {
  unaligned_fixture f{1, 0ms};
  f.checkpoints_under_backpressure();
  f.uncork();
  f.options.bounded = true;
  auto changed = f.plan(2);
  changed.stages.push_back(sink_stage("others", std::make_shared<memory_sink<event>>(f.sums)));
  changed.stages[2].edges = {straight_to<event>(5, 0)};
  changed.stages[0].edges.push_back(straight_to<event>(4));
  CHECK_THROWS_WITH(
    deterministic_job(changed, f.options, 1), Catch::Contains("on their way from 'running sum' to 'sums'") &&
                                                Catch::Contains("nothing leads from the one to the other"));
  f.options.checkpoints.allow_dropped_state = true;
  CHECK(deterministic_job(changed, f.options, 1).run().reason == "");
}

TEST_CASE("windows that are stopped in the middle by a full sink are part of a checkpoint") {
  for (const alignment_timeout timeout : {150ms, 0ms})
    for (unsigned seed = 1; seed <= 10; ++seed) {
      CAPTURE(to_text(timeout), seed);
      crowded_fixture f{seed, timeout};
      REQUIRE(f.checkpoints_under_backpressure() > 3);
      f.run_to_the_end(seed, 1 + seed % 3);
      f.check_all();
      REQUIRE(f.rows->all().size() == expected_rows(f.log->all_events(), 40ms, 20ms).size());
    }
}
