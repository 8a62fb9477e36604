#include <leat/tests/support/deterministic_job.hpp>
#include <leat/tests/support/event_log.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/totals_plan.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// How many windows fire within ten seconds beside a source that says nothing, idle after this.
std::size_t rows_beside_a_silent_source(std::optional<duration> idle_after) {
  const auto busy = std::make_shared<event_log>(std::vector<std::vector<event>>{{{1, 1, 5}, {1, 1, 500}}});
  const auto silent = std::make_shared<event_log>(std::vector<std::vector<event>>{{}});
  const auto rows = std::make_shared<memory_rows<window_row>>();
  dataflow_plan plan;
  plan.job = "idle";
  plan.stages = {
    source_stage("busy", busy->make_source(), 0ms), source_stage("silent", silent->make_source(), 0ms),
    totals_stage("totals", tumbling(20ms), &event::value, 1),
    sink_stage("rows", std::make_shared<memory_sink<window_row>>(rows))};
  plan.stages[0].edges = {keyed_to<event>(2)};
  plan.stages[1].edges = {keyed_to<event>(2)};
  plan.stages[1].idle_timeout = idle_after;
  plan.stages[2].edges = {straight_to<window_row>(3, 0)};
  run_options options;
  options.parallelism = 1;
  options.idle_timeout = 1h;
  deterministic_job job{plan, options, 1};
  for (int i = 0; i < 100; ++i) {
    job.settle();
    job.pass(100ms);
  }
  job.settle();
  return rows->all().size();
}

} // namespace

TEST_CASE("a source may be idle sooner than the others, and then holds no window up") {
  CHECK(rows_beside_a_silent_source(1s) == 1);
  CHECK(rows_beside_a_silent_source({}) == 0);
}
