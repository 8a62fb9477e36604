#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <memory>
#include <string>
#include <utility>

/// The plans of actor tests, built by hand, without the typed API above this layer.
namespace leat::testing {

/// An edge to stage `to` that divides records of `T` by their `key`.
template <class T>
edge_plan keyed_to(std::size_t to, std::size_t from_step = stage_head) {
  return {
    from_step,
    to,
    [](edge_context c) {
      return std::make_unique<key_partitioner<T, std::int64_t T::*>>(
        std::string{c.to}, &T::key, c.targets, c.max_parallelism);
    },
    0,
    0,
    record_kind_of<T>()};
}

/// An edge to stage `to` that leads straight on.
template <class T>
edge_plan straight_to(std::size_t to, std::size_t from_step = stage_head) {
  return {from_step, to, [](edge_context c) { return std::make_unique<forward_partitioner<T>>(c.instance); },
          0,         0,  record_kind_of<T>()};
}

inline stage_plan source_stage(std::string name, std::shared_ptr<source> from, duration out_of_orderness) {
  stage_plan stage;
  stage.name = std::move(name);
  stage.kind = stage_kind::source;
  stage.source = std::move(from);
  stage.make_pool = [] { return make_pool<event>(); };
  stage.watermarks = [out_of_orderness] { return std::make_unique<bounded_out_of_orderness>(out_of_orderness); };
  return stage;
}

/// Counts and sums the `member` of records of `T` by key and window, in one step: "<name> window".
template <class T>
stage_plan totals_stage(std::string name, window_spec windows, std::int64_t T::*member, std::uint32_t shards) {
  stage_plan stage;
  stage.name = std::move(name);
  stage.kind = stage_kind::keyed;
  stage.parallelism = shards;
  stage.steps.push_back(
    {stage.name + " window", stage_head,
     windowed<T, std::int64_t, window_row>(
       windows, &T::key, key, window_start, window_end, leat::count, leat::sum(member))});
  return stage;
}

inline stage_plan sink_stage(std::string name, std::shared_ptr<sink> to) {
  stage_plan stage;
  stage.name = std::move(name);
  stage.kind = stage_kind::sink;
  stage.sink = std::move(to);
  return stage;
}

/// Events -> keyed windows -> rows: the plan of most actor tests.
inline dataflow_plan totals_plan(
  std::shared_ptr<source> from, std::shared_ptr<sink> to, window_spec windows, duration out_of_orderness,
  std::uint32_t shards) {
  auto events = source_stage("events", std::move(from), out_of_orderness);
  auto totals = totals_stage("totals", windows, &event::value, shards);
  totals.steps[0].name = "window";
  events.edges.push_back(keyed_to<event>(1));
  totals.edges.push_back(straight_to<window_row>(2, 0));
  dataflow_plan plan;
  plan.job = "totals";
  plan.stages = {std::move(events), std::move(totals), sink_stage("rows", std::move(to))};
  return plan;
}

/// Two plans side by side in one job; the names of the second get a prefix.
inline dataflow_plan beside(dataflow_plan plan, dataflow_plan other, const std::string& prefix) {
  const auto first = plan.stages.size();
  for (auto& stage : other.stages) {
    stage.name = prefix + stage.name;
    for (auto& s : stage.steps)
      s.name = prefix + s.name;
    for (auto& e : stage.edges)
      e.to_stage += first;
    if (stage.dead_letters)
      *stage.dead_letters += first;
    plan.stages.push_back(std::move(stage));
  }
  return plan;
}

} // namespace leat::testing
