#include <leat/tests/support/deterministic_job.hpp>
#include <leat/tests/support/event_log.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/totals_plan.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace leat;
using namespace leat::testing;

namespace {

constexpr duration drift = 100ms;

/// Events of key 1 in the order of time, up to `pause` milliseconds apart.
std::vector<event> random_pauses(std::mt19937& random, std::size_t count, std::int64_t pause) {
  std::vector<event> events;
  std::int64_t time = 0;
  for (std::size_t i = 0; i < count; ++i)
    events.push_back({1, 1, time += 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(pause))});
  return events;
}

/// One event every 10 ms, the last at `until`.
std::vector<event> steady(std::int64_t until, std::int64_t from = 10) {
  std::vector<event> events;
  for (auto time = from; time <= until; time += 10)
    events.push_back({1, 1, time});
  return events;
}

/// Two sources that are aligned with each other and among their partitions, read one record at a time, into windows.
struct aligned_job_fixture {
  explicit aligned_job_fixture(std::vector<std::vector<event>> one, std::vector<std::vector<event>> two = {})
    : first{std::make_shared<event_log>(std::move(one), 1)}, second{std::make_shared<event_log>(std::move(two), 1)} {
    options.parallelism = 2;
    options.credit = 2;
    options.commit_interval = 100ms;
  }

  std::unique_ptr<deterministic_job> begin(unsigned seed = 1) {
    dataflow_plan plan;
    plan.job = "aligned";
    plan.stages = {
      source_stage("first", first->make_source(), 0ms), source_stage("second", second->make_source(), 0ms),
      totals_stage("totals", tumbling(20ms), &event::value, 2),
      sink_stage("rows", std::make_shared<memory_sink<window_row>>(rows))};
    plan.stages[0].edges = {keyed_to<event>(2)};
    plan.stages[1].edges = {keyed_to<event>(2)};
    plan.stages[2].edges = {straight_to<window_row>(3, 0)};
    for (auto* source : {&plan.stages[0], &plan.stages[1]})
      source->alignment = watermark_alignment{"all", drift};
    return std::make_unique<deterministic_job>(plan, options, seed);
  }

  /// Lets `time` pass, a tick at a time.
  static void pass(deterministic_job& job, duration time) {
    for (; time > 0ms; time -= 100ms) {
      job.settle();
      job.pass(100ms);
    }
    job.settle();
  }

  /// No partition has read a record while its watermark was further ahead than allowed of one that has more to read.
  void check_drift() const {
    std::vector<timestamp> before_last; // the watermark when the last record was read
    auto least = max_timestamp;
    for (const auto& log : {first, second}) {
      const auto events = log->events_of_each();
      const auto read = log->read_of_each();
      for (std::size_t p = 0; p < read.size(); ++p) {
        const auto watermark_after = [&](std::size_t n) {
          return n == 0 ? min_timestamp : from_millis(events[p][n - 1].time - 1);
        };
        before_last.push_back(read[p] == 0 ? min_timestamp : watermark_after(read[p] - 1));
        if (read[p] < events[p].size())
          least = std::min(least, watermark_after(read[p]));
      }
    }
    const auto furthest = *std::max_element(before_last.begin(), before_last.end());
    if (least < max_timestamp)
      REQUIRE(furthest <= least + drift);
  }

  [[nodiscard]] std::vector<window_row> expected() const {
    auto events = first->all_events();
    const auto more = second->all_events();
    events.insert(events.end(), more.begin(), more.end());
    return expected_rows(events, 20ms, 20ms);
  }

  [[nodiscard]] std::vector<window_row> distinct_rows() const {
    auto all = rows->all();
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  std::shared_ptr<event_log> first, second;
  std::shared_ptr<memory_rows<window_row>> rows = std::make_shared<memory_rows<window_row>>();
  run_options options;
};

} // namespace

TEST_CASE("no partition runs ahead of the slowest by more than its drift, whatever order the actors run in") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    aligned_job_fixture f{
      {random_pauses(random, 40, 200), random_pauses(random, 200, 10)},
      {random_pauses(random, 100, 40), random_pauses(random, seed % 3, 3)}};
    f.options.bounded = true;
    const auto job = f.begin(seed);
    REQUIRE(job->run([&] { f.check_drift(); }).reason == "");
    REQUIRE(differences(f.distinct_rows(), f.expected()) == "");
  }
}

TEST_CASE("sources that are not aligned are read as far as they go") {
  const aligned_job_fixture f{{steady(1'000)}, {steady(10)}};
  auto plan =
    totals_plan(f.first->make_source(), std::make_shared<memory_sink<window_row>>(f.rows), tumbling(20ms), 0ms, 1);
  deterministic_job job{plan, f.options, 1};
  aligned_job_fixture::pass(job, 1s);
  CHECK(f.first->read_of_each()[0] == 100);
}

TEST_CASE("a partition waits for one that has nothing to read, until that is idle, and again when it wakes") {
  aligned_job_fixture f{{steady(1'000)}, {steady(50)}};
  f.options.idle_timeout = 5s;
  const auto job = f.begin();
  f.pass(*job, 4s);
  CHECK(f.first->read_of_each()[0] == 16); // the one that takes its watermark past 49 + 100
  f.pass(*job, 3s);
  CHECK(f.first->read_of_each()[0] == 100);
  f.second->append(0, {1, 1, 60});
  f.pass(*job, 1s);
  f.first->append(0, {1, 1, 1'010});
  f.pass(*job, 1s);
  CHECK(f.first->read_of_each()[0] == 100);
  f.second->append(0, {1, 1, 1'000});
  f.pass(*job, 1s);
  CHECK(f.first->read_of_each()[0] == 101);
}

TEST_CASE("partitions that are all idle hold nobody") {
  aligned_job_fixture f{{steady(100)}, {steady(50)}};
  f.options.idle_timeout = 1s;
  const auto job = f.begin();
  f.pass(*job, 5s);
  for (std::int64_t time = 1'000; time < 10'000; time += 1'000) {
    f.first->append(0, {1, 1, time});
    f.pass(*job, 1s);
  }
  CHECK(f.first->read_of_each()[0] == 19);
}

TEST_CASE("a partition that is found later is waited for") {
  aligned_job_fixture f{{steady(500)}};
  const auto job = f.begin();
  f.pass(*job, 1s);
  REQUIRE(f.first->read_of_each()[0] == 50);
  f.first->add_partition(steady(200));
  f.pass(*job, 1s);
  for (const auto& e : steady(1'000, 510))
    f.first->append(0, e);
  f.pass(*job, 1s);
  CHECK(f.first->read_of_each() == std::vector<std::size_t>{50, 20});
  f.first->append(1, {1, 1, 600});
  f.pass(*job, 1s);
  CHECK(f.first->read_of_each() == std::vector<std::size_t>{71, 21}); // past 599 + 100
}

TEST_CASE("a partition that has ended is waited for no longer") {
  aligned_job_fixture f{{steady(1'000)}, {steady(50)}};
  f.second->end_without_bound();
  const auto job = f.begin();
  f.pass(*job, 1s);
  CHECK(f.first->read_of_each()[0] == 100);
}

TEST_CASE("a job whose sources are held can be stopped, and the next run delivers the rest") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    aligned_job_fixture f{{steady(1'000)}, {steady(50)}};
    auto job = f.begin(seed);
    f.pass(*job, 1s);
    job->stop();
    REQUIRE(job->run().reason == "");
    f.options.bounded = true;
    job = f.begin(seed);
    REQUIRE(job->run([&] { f.check_drift(); }).reason == "");
    REQUIRE(differences(f.distinct_rows(), f.expected()) == "");
  }
}

TEST_CASE("a job of aligned sources that is killed again and again delivers every row in the end") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    aligned_job_fixture f{
      {random_pauses(random, 60, 100)}, {random_pauses(random, 150, 20), random_pauses(random, 20, 20)}};
    for (int run = 0; run < 5; ++run) {
      const auto job = f.begin(static_cast<unsigned>(random()));
      for (auto steps = random() % 800; steps != 0 && !job->ended(); --steps)
        if (!job->step() || random() % 30 == 0)
          job->pass(f.options.commit_interval);
    }
    f.options.bounded = true;
    REQUIRE(f.begin(seed)->run().reason == "");
    REQUIRE(differences(f.distinct_rows(), f.expected()) == "");
  }
}
