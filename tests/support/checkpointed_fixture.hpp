#pragma once

#include <leat/operators/keyed_process.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/tests/support/deterministic_job.hpp>
#include <leat/tests/support/event_log.hpp>
#include <leat/tests/support/memory_connectors.hpp>
#include <leat/tests/support/memory_storage.hpp>
#include <leat/tests/support/memory_transactions.hpp>
#include <leat/tests/support/totals_plan.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>

namespace leat::testing {

/// After each event, the sum of its key so far: no timer ever guards it.
struct running_sum {
  value_state<std::int64_t> sum;

  void open(state_registry& r) { r.add("sum", sum); }
  void process(const event& e, keyed_context<std::int64_t>&, collector<event>& out) {
    sum.edit() += e.value;
    out.push(event{e.key, *sum.get(), e.time});
  }
};

inline stage_plan running_stage(std::uint32_t shards) {
  stage_plan stage;
  stage.name = "running";
  stage.kind = stage_kind::keyed;
  stage.parallelism = shards;
  stage.steps.push_back(
    {"running sum", stage_head, [](step_context c) -> std::unique_ptr<step> {
       return std::make_unique<keyed_process_step<event, std::int64_t, std::int64_t event::*, event, running_sum>>(
         std::move(c), &event::key, running_sum{});
     }});
  return stage;
}

/// Two partitions, windows of their events, and beside them running sums; checkpoints of both in memory. The results go to sinks
/// that write at least once, or, when asked, exactly once; and that now and then take nothing for a while, when asked.
struct checkpointed_fixture {
  explicit checkpointed_fixture(unsigned seed, std::size_t each = 150)
    : log{std::make_shared<event_log>(random_events(seed, 2, each))} {
    options.parallelism = 2;
    options.credit = 1 + seed % 3;
    options.commit_interval = 100ms;
    options.checkpoints = {{}, storage, 100ms, 0ms, 10min};
  }

  /// A run from the last checkpoint.
  std::unique_ptr<deterministic_job> begin(unsigned seed, std::uint32_t shards = 2) {
    return std::make_unique<deterministic_job>(plan(shards), options, seed);
  }

  [[nodiscard]] dataflow_plan plan(std::uint32_t shards) const {
    dataflow_plan plan;
    plan.job = "checkpointed";
    plan.stages = {
      source_stage("events", log->make_source(), event_disorder),
      totals_stage("totals", sliding(40ms, 20ms), &event::value, shards), running_stage(shards),
      sink_stage("rows", std::make_shared<memory_sink<window_row>>(rows)),
      sink_stage("sums", std::make_shared<memory_sink<event>>(sums))};
    if (exactly_once) {
      plan.stages[3].sink = std::make_shared<memory_transactional_sink<window_row>>(committed_rows);
      plan.stages[4].sink = std::make_shared<memory_transactional_sink<event>>(committed_sums);
      plan.stages[3].guarantee = plan.stages[4].guarantee = delivery::exactly_once;
    }
    plan.stages[0].edges = {keyed_to<event>(1), keyed_to<event>(2)};
    plan.stages[1].edges = {straight_to<window_row>(3, 0)};
    plan.stages[2].edges = {straight_to<event>(4, 0)};
    if (change)
      change(plan);
    return plan;
  }

  /// Runs for some steps; crashes, unless it has ended before. @param disk_fails now and then, for a while.
  void run_and_crash(std::mt19937& random, std::size_t most_steps, std::uint32_t shards = 2, bool disk_fails = false) {
    const auto job = begin(static_cast<unsigned>(random()), shards);
    for (auto steps = random() % most_steps; steps != 0 && !job->ended(); --steps) {
      if (!job->step() || random() % 30 == 0)
        job->pass(100ms);
      if (disk_fails && random() % 50 == 0)
        storage->failing = random() % 2 == 0;
      let_arrive(random);
      if (corks && random() % 100 == 0)
        random() % 3 == 0 ? uncork() : cork();
    }
    storage->failing = false;
    failed += job->registry.sum("checkpoints_failed");
  }

  void cork() {
    rows->cork();
    sums->cork();
  }
  void uncork() {
    rows->uncork();
    sums->uncork();
  }

  /// Now and then a transaction arrives.
  void let_arrive(std::mt19937& random) {
    if (random() % 20 == 0)
      committed_rows->let_one_arrive();
    if (random() % 20 == 0)
      committed_sums->let_one_arrive();
    if (arrive && random() % 5 == 0)
      arrive();
  }

  void run_to_the_end(unsigned seed, std::uint32_t shards = 2) {
    options.bounded = true;
    uncork();
    std::mt19937 random{seed};
    REQUIRE(begin(seed, shards)->run([&] { let_arrive(random); }).reason == "");
  }

  /// Windows came whole, once or more; and no event is missing in a sum, or in it twice.
  void check_all() {
    auto windows = rows->all();
    std::sort(windows.begin(), windows.end());
    windows.erase(std::unique(windows.begin(), windows.end()), windows.end());
    REQUIRE(differences(windows, expected_rows(log->all_events(), 40ms, 20ms)) == "");
    std::map<std::int64_t, std::int64_t> expected, last;
    for (const auto& e : log->all_events())
      expected[e.key] += e.value;
    for (const auto& s : sums->all())
      last[s.key] = std::max(last[s.key], s.value);
    REQUIRE(last == expected);
  }

  /// Each result came once: what a reader sees is what it would see without any failure.
  void check_each_once() {
    auto windows = committed_rows->all;
    std::sort(windows.begin(), windows.end());
    REQUIRE(differences(windows, expected_rows(log->all_events(), 40ms, 20ms)) == "");
    REQUIRE(committed_sums->all.size() == log->all_events().size());
    std::map<std::int64_t, std::int64_t> expected, last;
    for (const auto& e : log->all_events())
      expected[e.key] += e.value;
    for (const auto& s : committed_sums->all)
      last[s.key] = std::max(last[s.key], s.value);
    REQUIRE(last == expected);
  }

  std::shared_ptr<event_log> log;
  std::shared_ptr<memory_storage> storage = std::make_shared<memory_storage>();
  std::shared_ptr<memory_rows<window_row>> rows = std::make_shared<memory_rows<window_row>>();
  std::shared_ptr<memory_rows<event>> sums = std::make_shared<memory_rows<event>>();
  bool exactly_once = false;
  bool corks = false;
  std::shared_ptr<transactional_rows<window_row>> committed_rows = std::make_shared<transactional_rows<window_row>>();
  std::shared_ptr<transactional_rows<event>> committed_sums = std::make_shared<transactional_rows<event>>();
  std::function<void(dataflow_plan&)> change{}; ///< what a test has otherwise
  std::function<void()> arrive{};               ///< what of it comes now and then
  run_options options;
  std::int64_t failed = 0; // checkpoints
};

} // namespace leat::testing
