#include <leat/tests/support/captured_log.hpp>
#include <leat/tests/support/deterministic_job.hpp>
#include <leat/tests/support/event_log.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/totals_plan.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using log_ptr = std::shared_ptr<event_log>;
using rows_ptr = std::shared_ptr<memory_rows<window_row>>;

/// Two windowed totals in one job that have nothing to do with each other.
struct two_jobs_fixture {
  two_jobs_fixture(std::vector<std::vector<event>> busy_events, std::vector<std::vector<event>> silent_events)
    : busy{std::make_shared<event_log>(std::move(busy_events))}, silent{
                                                                   std::make_shared<event_log>(std::move(silent_events))} {
    options.parallelism = 2;
    options.credit = 2;
  }

  static dataflow_plan totals(const log_ptr& log, const rows_ptr& rows) {
    return totals_plan(log->make_source(), std::make_shared<memory_sink<window_row>>(rows), tumbling(20ms), 0ms, 2);
  }

  std::unique_ptr<deterministic_job> begin(unsigned seed) {
    return std::make_unique<deterministic_job>(
      beside(totals(busy, busy_rows), totals(silent, silent_rows), "silent "), options, seed);
  }

  /// Lets `rounds` epochs begin while the busy source goes on.
  void keep_busy(deterministic_job& job, int rounds) {
    for (int i = 0; i < rounds; ++i) {
      busy->append(0, {1, 1, time += 100});
      job.settle();
      job.pass(options.commit_interval);
      job.settle();
    }
  }

  static std::vector<window_row> sorted(const rows_ptr& rows) {
    auto all = rows->all();
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  log_ptr busy, silent;
  rows_ptr busy_rows = std::make_shared<memory_rows<window_row>>();
  rows_ptr silent_rows = std::make_shared<memory_rows<window_row>>();
  run_options options;
  std::int64_t time = 0;
};

} // namespace

TEST_CASE("a silent source does not hold the commits of one that it has nothing to do with") {
  two_jobs_fixture f{{{}}, {{{1, 1, 5}}}};
  const auto job = f.begin(1);
  f.keep_busy(*job, 5);
  CHECK(f.busy->committed()[0] >= 3);
  CHECK(f.silent->committed()[0] == 0);
}

TEST_CASE("a restart takes each part's windows as delivered up to that part's own time") {
  two_jobs_fixture f{{{}}, {{{1, 1, 5}}}};
  f.keep_busy(*f.begin(1), 5);
  f.options.bounded = true;
  CHECK(f.begin(2)->run().reason == "");
  CHECK(differences(f.sorted(f.silent_rows), expected_rows(f.silent->all_events(), 20ms, 20ms)) == "");
  CHECK(differences(f.sorted(f.busy_rows), expected_rows(f.busy->all_events(), 20ms, 20ms)) == "");
}

TEST_CASE("a bounded job ends when the last of its parts has, with every position committed") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    two_jobs_fixture f{random_events(seed, 2, 200), random_events(seed + 1, 1, 3)};
    f.options.bounded = true;
    REQUIRE(f.begin(seed)->run().reason == "");
    REQUIRE(f.busy->committed() == std::vector<std::size_t>{200, 200});
    REQUIRE(f.silent->committed() == std::vector<std::size_t>{3});
  }
}

TEST_CASE("a stop ends every part of a job") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    two_jobs_fixture f{random_events(seed, 1, 100), random_events(seed + 1, 1, 20)};
    const auto job = f.begin(seed);
    for (unsigned i = 0; i < 20 * seed; ++i)
      job->step();
    job->stop();
    REQUIRE(job->run().reason == "");
  }
}

TEST_CASE("a partition that appears takes part in the epochs of its own part of the job") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    two_jobs_fixture f{{{}}, {{{1, 1, 5}}}};
    const auto job = f.begin(seed);
    f.keep_busy(*job, 3);
    f.silent->add_partition({{2, 2, 5}, {2, 2, 500}});
    f.silent->append(0, {1, 1, 500});
    f.keep_busy(*job, 3);
    f.silent->append(0, {1, 1, 900});
    f.silent->append(1, {2, 2, 900});
    f.keep_busy(*job, 3);
    const auto committed = f.silent->committed();
    REQUIRE(committed.size() == 2);
    REQUIRE(committed[0] >= 2);
    REQUIRE(committed[1] >= 2);
  }
}

TEST_CASE("the part of a job that has ended keeps no new partition of another from being read") {
  two_jobs_fixture f{{{}}, {{{1, 1, 5}}}};
  f.silent->end_without_bound();
  const auto job = f.begin(1);
  f.keep_busy(*job, 2);
  f.silent->add_partition({{2, 2, 5}});
  f.busy->add_partition({{3, 3, 5}, {3, 3, 50}});
  f.keep_busy(*job, 3);
  CHECK(f.busy->committed().size() == 2);
  CHECK(f.busy->records_read() == 7);
  job->stop();
  CHECK(job->run().reason == "");
}

TEST_CASE("of two merged sources the shorter ends its own sink, and the longer goes on committing") {
  const auto shorter = std::make_shared<event_log>(random_events(1, 1, 7));
  const auto longer = std::make_shared<event_log>(random_events(2, 1, 3000));
  const auto rows = std::make_shared<memory_rows<event>>();
  dataflow_plan plan;
  plan.job = "merged";
  plan.stages = {
    source_stage("shorter", shorter->make_source(), 0ms), source_stage("longer", longer->make_source(), 0ms),
    sink_stage("shorter rows", std::make_shared<memory_sink<event>>(rows)),
    sink_stage("all rows", std::make_shared<memory_sink<event>>(rows))};
  plan.stages[0].edges = {straight_to<event>(2), straight_to<event>(3)};
  plan.stages[1].edges = {straight_to<event>(3)};
  run_options options;
  options.parallelism = 1;
  options.bounded = true;
  deterministic_job job{plan, options, 1};
  std::size_t before_the_end = 0;
  const auto result = job.run([&] {
    if (const auto at = longer->committed()[0]; at < 3000)
      before_the_end = at;
  });
  CHECK(result.reason == "");
  CHECK(before_the_end > 1500);
  CHECK(rows->all().size() == 3007 + 7);
}

TEST_CASE("commits that a silent source holds up are explained once a minute") {
  const captured_log log;
  two_jobs_fixture f{{{}}, {{{1, 1, 5}}}};
  auto plan = beside(f.totals(f.busy, f.busy_rows), f.totals(f.silent, f.silent_rows), "silent ");
  plan.stages[3].edges.push_back(keyed_to<event>(1)); // one component
  f.options.idle_timeout = 1s;
  deterministic_job job{plan, f.options, 1};
  f.keep_busy(job, 50);
  CHECK(log.count("") == 0);
  f.keep_busy(job, 100);
  CHECK(log.count("") == 2);
  CHECK(log.count("sink 'silent rows' must wait for source 'silent events' (at 1970-01-01T00:00:00.004Z) to reach") == 2);
}
