#include <leat/tests/support/deterministic_job.hpp>
#include <leat/tests/support/event_log.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/totals_plan.hpp>

#include <catch2/catch.hpp>

#include <tuple>

using namespace leat;
using namespace leat::testing;

namespace {

/// The rows, sorted, each once: what an at-least-once sink holds.
std::vector<window_row> distinct(memory_rows<window_row>& rows) {
  auto sorted = rows.all();
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

struct job_fixture {
  job_fixture(std::vector<std::vector<event>> events, bool bounded) : log{std::make_shared<event_log>(std::move(events))} {
    options.parallelism = 2;
    options.credit = 1;
    options.commit_interval = 1s;
    options.bounded = bounded;
  }

  /// A run from what was committed last.
  std::unique_ptr<deterministic_job> begin(unsigned seed, std::uint32_t shards = 2) {
    const auto plan = totals_plan(
      log->make_source(), std::make_shared<memory_sink<window_row>>(rows), sliding(40ms, 20ms), event_disorder, shards);
    return std::make_unique<deterministic_job>(plan, options, seed);
  }

  [[nodiscard]] std::vector<window_row> sorted_rows() const {
    auto sorted = rows->all();
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

  [[nodiscard]] std::vector<window_row> distinct_rows() const { return distinct(*rows); }

  [[nodiscard]] std::vector<window_row> expected() const { return expected_rows(log->all_events(), 40ms, 20ms); }

  std::shared_ptr<event_log> log;
  std::shared_ptr<memory_rows<window_row>> rows = std::make_shared<memory_rows<window_row>>();
  run_options options;
};

/// Two merged sources, windows of their events, windows of those windows' rows, and beside them the first source's events as
/// they are.
struct wide_fixture {
  explicit wide_fixture(unsigned seed, std::size_t each = 300)
    : first{std::make_shared<event_log>(random_events(seed, 2, each))}, second{std::make_shared<event_log>(
                                                                          random_events(seed + 1000, 1, each / 4))} {
    options.credit = 1 + seed % 3;
    options.commit_interval = 100ms;
    options.idle_timeout = 300ms;
  }

  std::unique_ptr<deterministic_job> begin(unsigned seed) {
    dataflow_plan plan;
    plan.job = "wide";
    plan.stages = {
      source_stage("first", first->make_source(), event_disorder),
      source_stage("second", second->make_source(), event_disorder),
      totals_stage("totals", tumbling(20ms), &event::value, 2),
      totals_stage("wide totals", sliding(80ms, 40ms), &window_row::sum, 3),
      sink_stage("rows", std::make_shared<memory_sink<window_row>>(rows)),
      sink_stage("wide rows", std::make_shared<memory_sink<window_row>>(wide_rows)),
      sink_stage("events", std::make_shared<memory_sink<event>>(direct))};
    plan.stages[0].edges = {keyed_to<event>(2), straight_to<event>(6)};
    plan.stages[1].edges = {keyed_to<event>(2)};
    plan.stages[2].edges = {keyed_to<window_row>(3, 0), straight_to<window_row>(4, 0)};
    plan.stages[3].edges = {straight_to<window_row>(5, 0)};
    options.parallelism = 2;
    return std::make_unique<deterministic_job>(plan, options, seed);
  }

  /// Runs for some steps from what was committed last; crashes, unless it has ended before.
  void run_and_crash(std::mt19937& random, std::size_t most_steps) {
    const auto job = begin(static_cast<unsigned>(random()));
    for (auto steps = random() % most_steps; steps != 0 && !job->ended(); --steps)
      if (!job->step() || random() % 30 == 0)
        job->pass(options.commit_interval);
  }

  /// What the sinks hold is what plain loops make of the events, each row once or more and always whole.
  void check_all() {
    auto events = first->all_events();
    auto delivered = direct->all();
    const auto by_content = [](const event& a, const event& b) {
      return std::tie(a.time, a.key, a.value) < std::tie(b.time, b.key, b.value);
    };
    std::sort(events.begin(), events.end(), by_content);
    std::sort(delivered.begin(), delivered.end(), by_content);
    REQUIRE(std::includes(delivered.begin(), delivered.end(), events.begin(), events.end(), by_content));
    const auto more = second->all_events();
    events.insert(events.end(), more.begin(), more.end());
    const auto expected = expected_rows(events, 20ms, 20ms);
    REQUIRE(differences(distinct(*rows), expected) == "");
    REQUIRE(differences(distinct(*wide_rows), expected_rows(as_events(expected), 80ms, 40ms)) == "");
  }

  std::shared_ptr<event_log> first, second;
  std::shared_ptr<memory_rows<window_row>> rows = std::make_shared<memory_rows<window_row>>();
  std::shared_ptr<memory_rows<window_row>> wide_rows = std::make_shared<memory_rows<window_row>>();
  std::shared_ptr<memory_rows<event>> direct = std::make_shared<memory_rows<event>>();
  run_options options;
};

/// In each actor, what lay in its mailbox stayed within what it had granted.
void check_mailboxes(const metrics& registry) {
  std::map<std::pair<std::string, std::uint32_t>, std::int64_t> granted;
  const auto samples = registry.samples();
  for (const auto& s : samples)
    if (s.name == "mailbox_credit_granted")
      granted[{s.step, s.instance}] = s.value;
  for (const auto& s : samples)
    if (s.name == "mailbox_batches_peak")
      CHECK(s.value <= granted[{s.step, s.instance}]);
}

} // namespace

TEST_CASE("the rows are the same whatever order the actors run in, with any number of shards") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    job_fixture f{random_events(seed, 1 + seed % 3, 150), true};
    f.options.credit = 1 + seed % 3;
    const auto job = f.begin(seed, 1 + seed % 4);
    const auto result = job->run();
    REQUIRE(result.reason == "");
    REQUIRE(differences(f.sorted_rows(), f.expected()) == "");
    REQUIRE(f.sorted_rows().size() == f.expected().size());
    check_mailboxes(job->registry);
  }
}

TEST_CASE("after the end of a bounded job every position is committed") {
  job_fixture f{random_events(3, 2, 100), true};
  f.begin(3)->run();
  CHECK(f.log->committed() == std::vector<std::size_t>{100, 100});
}

TEST_CASE("a sink that refuses now and then loses nothing and is never flooded") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    job_fixture f{random_events(seed, 2, 150), true};
    const auto job = f.begin(seed);
    const auto result = job->run([&] {
      if (random() % 20 == 0)
        f.rows->cork();
      else if (random() % 10 == 0)
        f.rows->uncork();
    });
    REQUIRE(result.reason == "");
    REQUIRE(differences(f.sorted_rows(), f.expected()) == "");
    check_mailboxes(job->registry);
  }
}

TEST_CASE("a job that is killed at any moment, again and again, delivers every row in the end") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    job_fixture f{random_events(seed, 2, 120), true};
    f.options.commit_interval = 100ms;
    for (int run = 0; run < 5; ++run) {
      const auto job = f.begin(random());
      for (auto steps = random() % 800; steps != 0 && !job->ended(); --steps)
        if (!job->step() || random() % 30 == 0)
          job->pass(f.options.commit_interval);
    }
    REQUIRE(f.begin(seed)->run().reason == "");
    REQUIRE(differences(f.distinct_rows(), f.expected()) == "");
  }
}

TEST_CASE("a job that is stopped and begun again, in the middle of windows, delivers every row, and none in part") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    job_fixture f{random_events(seed, 2, 120), true};
    f.options.commit_interval = 100ms;
    {
      const auto job = f.begin(seed);
      for (auto steps = random() % 600; steps != 0; --steps)
        if (!job->step() || random() % 30 == 0)
          job->pass(f.options.commit_interval);
      job->stop();
      REQUIRE(job->run().reason == "");
    }
    REQUIRE(f.begin(seed)->run().reason == "");
    REQUIRE(differences(f.distinct_rows(), f.expected()) == "");
  }
}

TEST_CASE("with the sink corked the source stops reading, and memory holds what credit allows") {
  job_fixture f{random_events(1, 1, 5000), false};
  f.rows->cork();
  const auto job = f.begin(1);
  job->settle();
  const auto read = f.log->records_read();
  CHECK(read < 1500);
  job->pass(10s);
  job->settle();
  CHECK(f.log->records_read() == read);
  check_mailboxes(job->registry);
  f.rows->uncork();
  job->settle();
  CHECK(f.log->records_read() == 5000);
}

TEST_CASE("an epoch is not committed while the sink is corked, and is soon after") {
  job_fixture f{random_events(1, 1, 300), false};
  const auto job = f.begin(1);
  f.rows->cork();
  for (int i = 0; i < 5; ++i) {
    job->settle();
    job->pass(1s);
  }
  CHECK(f.log->committed() == std::vector<std::size_t>{0});
  f.rows->uncork();
  job->settle();
  f.log->append(0, {1, 1, 10'000}); // lets the windows that the barrier waits for fire
  job->settle();
  CHECK(f.log->committed()[0] > 0);
}

TEST_CASE("a stop drains what was read, fires no open window, and leaves the rest to the next run") {
  job_fixture f{{{{1, 1, 5}, {1, 2, 200}}}, false};
  const auto job = f.begin(1);
  job->settle();
  job->stop();
  CHECK(job->run().reason == "");
  CHECK(f.sorted_rows() == expected_rows({{1, 1, 5}}, 40ms, 20ms));
}

TEST_CASE("a partition that appears while the job runs is read from its beginning") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    job_fixture f{random_events(seed, 1, 100), false};
    const auto job = f.begin(seed);
    for (int i = 0; i < 200; ++i)
      if (!job->step() || i % 20 == 0)
        job->pass(1s);
    f.log->add_partition({{7, 70, 100'000}, {7, 7, 200'000}});
    job->settle();
    f.log->append(0, {1, 1, 200'000});
    job->settle();
    const auto rows = f.sorted_rows();
    REQUIRE(std::count_if(rows.begin(), rows.end(), [](const auto& r) { return r.key == 7 && r.sum == 70; }) == 2);
    job->pass(1s);
    job->settle();
    job->stop();
    REQUIRE(job->run().reason == "");
  }
}

TEST_CASE("a partition that appears while the job is being stopped does not keep it from ending") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    job_fixture f{random_events(seed, 1, 50), false};
    const auto job = f.begin(seed);
    const auto some_steps = [&] {
      for (auto n = random() % 40; n != 0; --n)
        job->step();
    };
    some_steps();
    const bool stop_first = random() % 2 == 0;
    if (stop_first)
      job->stop();
    some_steps();
    f.log->add_partition({{7, 70, 10}});
    some_steps();
    if (!stop_first)
      job->stop();
    REQUIRE(job->run().reason == "");
  }
}

TEST_CASE("control may come before the sources have started: an epoch or a stop in the very first moment") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    job_fixture f{random_events(seed, 2, 20), false};
    f.options.commit_interval = 1ms;
    const auto job = f.begin(seed);
    job->stop();
    job->pass(1ms);
    REQUIRE(job->run().reason == "");
  }
}

TEST_CASE("windows of windows and a direct branch are what plain loops make of the events, in any order") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    wide_fixture f{seed};
    f.options.bounded = true;
    const auto job = f.begin(seed);
    REQUIRE(job->run().reason == "");
    REQUIRE(job->registry.sum("late_records") == 0);
    f.check_all();
  }
}

TEST_CASE(
  "a job of several sources, branches and levels of windows that is killed again and again delivers all in the end") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    wide_fixture f{seed};
    for (int run = 0; run < 5; ++run)
      f.run_and_crash(random, 3000);
    f.second->append(0, {1, 11, 20'000}); // it wakes, far ahead
    f.run_and_crash(random, 3000);
    f.options.bounded = true;
    REQUIRE(f.begin(seed)->run().reason == "");
    f.check_all();
  }
}

TEST_CASE("a source that falls idle holds no window up, and its windows come with those of the others") {
  wide_fixture f{1};
  const auto job = f.begin(1);
  for (int i = 0; i < 20; ++i) {
    f.first->append(0, {1, 1, 2000 + 100 * i});
    f.first->append(1, {1, 1, 2000 + 100 * i});
    job->settle();
    job->pass(100ms);
  }
  CHECK(f.second->committed() == std::vector<std::size_t>{75});
  CHECK(f.first->committed()[0] > 300);
}

TEST_CASE("a job that falls idle and wakes, again and again, calls no row of its own late") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    wide_fixture f{seed, 0};
    const auto job = f.begin(seed);
    for (std::int64_t time = 0; time < 4000; time += 100) {
      for (std::int64_t key = 0; key < 5; ++key)
        f.first->append(0, {key, time, time + key});
      for (auto steps = random() % 100; steps != 0; --steps)
        job->step();
      if (random() % 3 != 0)
        continue;
      job->settle();
      for (int i = 0; i < 5; ++i)
        job->pass(100ms); // the idle timeout
      job->settle();
    }
    job->settle();
    REQUIRE(job->registry.sum("late_records") == 0);
  }
}
