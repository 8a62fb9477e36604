#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <memory>
#include <string>
#include <utility>

namespace leat::testing {

/// Events -> keyed windows -> rows: the plan of most actor tests, built by hand, without the typed API above this layer.
inline dataflow_plan totals_plan(
  std::shared_ptr<source> from, std::shared_ptr<sink> to, window_spec windows, duration out_of_orderness,
  std::uint32_t shards) {
  stage_plan events;
  events.name = "events";
  events.kind = stage_kind::source;
  events.source = std::move(from);
  events.make_pool = [] { return make_pool<event>(); };
  events.out_of_orderness = out_of_orderness;
  events.edges.push_back({stage_head, 1, [](edge_context c) {
                            return std::make_unique<key_partitioner<event, std::int64_t event::*>>(
                              std::string{c.to}, &event::key, c.targets, c.max_parallelism);
                          }});

  stage_plan totals;
  totals.name = "totals";
  totals.kind = stage_kind::keyed;
  totals.parallelism = shards;
  totals.steps.push_back(
    {"window", stage_head,
     windowed<event, std::int64_t, window_row>(
       windows, &event::key, key, window_start, window_end, leat::count, leat::sum(&event::value))});
  totals.edges.push_back(
    {0, 2, [](edge_context c) { return std::make_unique<forward_partitioner<window_row>>(c.instance); }});

  stage_plan rows;
  rows.name = "rows";
  rows.kind = stage_kind::sink;
  rows.sink = std::move(to);

  dataflow_plan plan;
  plan.job = "totals";
  plan.stages = {std::move(events), std::move(totals), std::move(rows)};
  return plan;
}

} // namespace leat::testing
