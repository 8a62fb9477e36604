#pragma once

#include <leat/tests/reference/pipeline_builder.hpp>

/// The parts that pipelines are made of: each adds an operator to both worlds, with what it chooses of its settings. One that
/// needs an order of records, or few of them, and does not find it takes another operator.
namespace leat::reference {

// Without keys:
both mapped(pipeline_builder&, const both& from);
both copied(pipeline_builder&, const both& from);
both split(pipeline_builder&, const both& from);
both side_outputs(pipeline_builder&, const both& from);
both rebalanced(pipeline_builder&, const both& from);
both partitioned(pipeline_builder&, const both& from);
both asynchronous(pipeline_builder&, const both& from);
both merged(pipeline_builder&, const both& a, const both& b);

// Windows:
both windowed(pipeline_builder&, const both& from);
both late_windowed(pipeline_builder&, const both& from);
both reduced_windows(pipeline_builder&, const both& from);
both windows_over_all(pipeline_builder&, const both& from);
both further_aggregates(pipeline_builder&, const both& from);
both aggregated_then_processed_windows(pipeline_builder&, const both& from);
both remembering_windows(pipeline_builder&, const both& from);
both remembering_sessions(pipeline_builder&, const both& from);
both sessions(pipeline_builder&, const both& from);
both triggered(pipeline_builder&, const both& from);
both evicting(pipeline_builder&, const both& from);
both counted(pipeline_builder&, const both& from);
both by_the_clock(pipeline_builder&, const both& from);

// Functions with state and timers:
both timers(pipeline_builder&, const both& from);
both processing_timers(pipeline_builder&, const both& from);
both running(pipeline_builder&, const both& from);
both keeping_state(pipeline_builder&, const both& from);

// Of two streams:
both window_joined(pipeline_builder&, const both& a, const both& b);
both co_grouped(pipeline_builder&, const both& a, const both& b);
both interval_joined(pipeline_builder&, const both& a, const both& b);
both looked_up(pipeline_builder&, const both& a, const both& b);
both looked_up_latest(pipeline_builder&, const both& a, const both& b);
both co_processed(pipeline_builder&, const both& a, const both& b);
both plainly_connected(pipeline_builder&, const both& a, const both& b);
both with_broadcast(pipeline_builder&, const both& a, const both& b);

/// Whether the records of one stream come in an order with those of the other: nothing that happens leads to both.
inline bool in_order(const both& a, const both& b) {
  for (const auto s : a.sources)
    if (b.sources.contains(s))
      return false;
  return a.in_order() && b.in_order();
}

/// Whether all pairs of the two are too many for the memory: pairs of pairs of pairs.
inline bool too_many_pairs(const both& a, const both& b) { return a.joined + b.joined > 1; }

} // namespace leat::reference
