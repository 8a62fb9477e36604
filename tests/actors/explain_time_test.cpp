#include <leat/tests/support/deterministic_job.hpp>
#include <leat/tests/support/event_log.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/totals_plan.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

/// Totals of three partitions: one is at 1,000 ms, one at 50 ms, one has no record.
struct three_partitions {
  three_partitions() {
    options.parallelism = 2;
    options.idle_timeout = 5s;
  }

  std::unique_ptr<deterministic_job> begin() {
    auto plan = totals_plan(log->make_source(), std::make_shared<memory_sink<window_row>>(rows), tumbling(20ms), 0ms, 2);
    if (aligned)
      plan.stages[0].alignment = watermark_alignment{"all", 100ms};
    auto job = std::make_unique<deterministic_job>(plan, options, 1);
    job->settle();
    return job;
  }

  static void pass(deterministic_job& job, duration time) {
    for (; time > 0ms; time -= 100ms) {
      job.settle();
      job.pass(100ms);
    }
    job.settle();
  }

  std::shared_ptr<event_log> log =
    std::make_shared<event_log>(std::vector<std::vector<event>>{{{1, 1, 500}, {1, 1, 1'000}}, {{1, 1, 50}}, {}}, 1);
  std::shared_ptr<memory_rows<window_row>> rows = std::make_shared<memory_rows<window_row>>();
  run_options options;
  bool aligned = false;
};

} // namespace

TEST_CASE("a job from which nothing comes names the partition without records, then the slowest, then none") {
  three_partitions f;
  const auto job = f.begin();
  CHECK_THAT(to_text(job->explain_time()), Contains("which waits for partition events/2 at no watermark yet"));
  f.pass(*job, 4s);
  f.log->append(1, {1, 1, 60});
  f.pass(*job, 3s);
  const auto text = to_text(job->explain_time());
  CHECK_THAT(
    text, Contains("waits for totals[") && Contains("which waits for partition events/1 at 1970-01-01T00:00:00.059Z"));
  CHECK_THAT(text, Contains("events/2 at no watermark yet, no event yet; idle"));
  CHECK_THAT(text, Contains("window  1970-01-01T00:00:00.059Z, 941 ms behind the newest event"));
  f.pass(*job, 5s);
  CHECK_THAT(to_text(job->explain_time()), Contains("rows: time stands still"));
}

TEST_CASE("a report has one entry for each step, and each partition") {
  three_partitions f;
  f.log->append(2, {1, 1, 30});
  const auto report = f.begin()->explain_time();
  REQUIRE(report.stages.size() == 3);
  CHECK(report.stages[1].steps.at(0).name == "window");
  CHECK(report.stages[1].steps[0].watermark == from_millis(29));
  CHECK(report.partitions.size() == 3);
  CHECK(report.partitions[0].at.newest == from_millis(1'000));
  CHECK(report.newest == from_millis(1'000));
  CHECK(report.silent.empty());
}

TEST_CASE("a report counts late records, and knows of a partition that was found later") {
  three_partitions f;
  const auto job = f.begin();
  f.pass(*job, 10s);
  f.log->append(0, {1, 1, 2'000});
  f.pass(*job, 1s);
  f.log->append(1, {1, 1, 70});
  f.log->add_partition({{1, 1, 2'000}});
  f.pass(*job, 1s);
  const auto report = job->explain_time();
  CHECK(report.stages[1].steps.at(0).late == 1);
  REQUIRE(report.partitions.size() == 4);
  CHECK(report.partitions[3].name == "events/3");
  CHECK(report.partitions[3].at.newest == from_millis(2'000));
}

TEST_CASE("a partition that alignment holds says so") {
  three_partitions f;
  f.aligned = true;
  const auto text = to_text(f.begin()->explain_time());
  CHECK_THAT(
    text, Contains("events/0 at 1970-01-01T00:00:00.499Z, newest event 1970-01-01T00:00:00.500Z; paused by alignment"));
}

TEST_CASE("a job that has ended has nothing to explain") {
  three_partitions f;
  f.options.bounded = true;
  const auto job = f.begin();
  REQUIRE(job->run().reason.empty());
  CHECK_THROWS_AS(job->explain_time(), std::future_error);
}

TEST_CASE("the watermark of each step, and of what comes into each stage, is a metric") {
  three_partitions f;
  f.log->append(2, {1, 1, 30});
  const auto job = f.begin();
  CHECK(job->registry.sum("watermark", "window") == 2 * 29); // two shards
  CHECK(job->registry.sum("input_watermark", "totals") == 2 * 29);
}
