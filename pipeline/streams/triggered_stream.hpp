#pragma once

#include <leat/operators/aggregation.hpp>
#include <leat/operators/windows/evictors.hpp>
#include <leat/operators/windows/triggered_windows.hpp>
#include <leat/operators/windows/triggers.hpp>
#include <leat/operators/windows/window_contents.hpp>
#include <leat/pipeline/streams/keyed_origin.hpp>

#include <span>
#include <type_traits>
#include <utility>

namespace leat {

/// Records divided by key and by any kind of windows, with a trigger that says when they emit, an evictor that removes
/// records before, and a lateness up to which late records still count. Say last what becomes of each window.
template <class Origin, class Windows, class Trigger, class Evictor = no_evictor>
class triggered_stream {
  using T = typename Origin::record;
  using key_type = typename Origin::key_type;
  static constexpr bool evicts = !std::is_same_v<Evictor, no_evictor>;

public:
  triggered_stream(Origin origin, Windows windows, Trigger trigger, Evictor evictor = {}, lateness<T> late = {})
    : origin_{std::move(origin)}, windows_{std::move(windows)}, trigger_{std::move(trigger)}, evictor_{std::move(evictor)},
      lateness_{std::move(late)} {}

  /// Emits when `when` says so, instead of at the window's end: `every_count(100)`, `every(10s)`, `purging(…)`, or any type of
  /// the shape that `triggers.hpp` gives.
  template <class When>
  triggered_stream<Origin, Windows, When, Evictor> trigger(When when) const {
    origin_.check_part(when);
    return {origin_, windows_, std::move(when), evictor_, lateness_};
  }

  /// Removes records before the window emits: `keep_last(100)`, `keep_last(10s)`, or any type of the shape that
  /// `evictors.hpp` gives. The window then keeps all its records.
  template <class What>
  triggered_stream<Origin, Windows, Trigger, What> evict(What what) const {
    origin_.check_part(what);
    return {origin_, windows_, trigger_, std::move(what), lateness_};
  }

  /// Keeps windows for so long after their end: a late record emits its window again, with all that is in it.
  triggered_stream allowed_lateness(duration allowed) const {
    auto with = *this;
    with.lateness_.allowed = allowed;
    if (allowed < duration::zero())
      origin_.check("allowed_lateness(…) takes a span that is not negative");
    return with;
  }

  /// Sends records that are too late to a side output, to be read by `.side_output(to)` behind the window.
  triggered_stream late_output(side_output<T> to) const {
    auto with = *this;
    with.lateness_.late = std::move(to);
    return with;
  }

  /// One `Out` per key and firing; see `windowed_stream::aggregate`.
  template <class Out, class... Columns>
  stream<Out> aggregate(Columns... columns) const {
    (origin_.check_part(columns), ...);
    return with(columns_aggregation<T, key_type, Out, Columns...>{std::move(columns)...});
  }

  /// One record per key and firing: `function(older, newer)` of all that came.
  template <class Function>
  stream<T> reduce(Function function) const {
    return with(reduce_aggregation<T, key_type, Function>{std::move(function)});
  }

  /// Calls `function(key, window, records, out)` for each firing, or `function(records, context, out)`; `records` is a span of
  /// `timed_record<T>`, in the order in which they came. The window keeps all its records. A class may have state of its own:
  /// see `window_function`.
  template <class Out, class Function>
  stream<Out> process(Function function) const {
    static_assert(
      window_function<Function, key_type, std::span<const timed_record<T>>, Out>,
      "process<Out>(f): f is called with (const Key&, const leat::time_window&, std::span<const leat::timed_record<T>>, "
      "leat::collector<Out>&), or is called with, or has a member process(std::span<const leat::timed_record<T>>, "
      "leat::window_context<Key>&, leat::collector<Out>&), Key being what key_by returns");
    return with_contents(listed_contents<T, key_type, Out, Function, Evictor>{std::move(function), evictor_});
  }

  /// The same with the aggregated row in the place of the records: the window keeps accumulators only.
  template <class Row, class Out, class Function, class... Columns>
  stream<Out> aggregate_then(Function function, Columns... columns) const {
    static_assert(!evicts, "aggregate_then(…): an evictor needs the records themselves: use process(…)");
    static_assert(
      window_function<Function, key_type, Row, Out>,
      "aggregate_then<Row, Out>(f, columns…): f is called with (const Key&, const leat::time_window&, const Row&, "
      "leat::collector<Out>&), or is called with, or has a member process(const Row&, leat::window_context<Key>&, "
      "leat::collector<Out>&), Key being what key_by returns");
    (origin_.check_part(columns), ...);
    using aggregation = columns_aggregation<T, key_type, Row, Columns...>;
    return with_contents(aggregated_then_processed<T, key_type, Out, aggregation, Function>{
      aggregation{std::move(columns)...}, std::move(function)});
  }

private:
  template <class Aggregation>
  stream<typename Aggregation::output> with(Aggregation aggregation) const {
    using output = typename Aggregation::output;
    if constexpr (evicts) {
      const auto over_records =
        [aggregation](const key_type& key, const time_window& w, auto records, collector<output>& out) {
          typename Aggregation::accumulator all{};
          for (const auto& r : records)
            aggregation.add(all, r.record);
          output row{};
          aggregation.write(row, key, w, all);
          out.push(std::move(row));
        };
      return with_contents(listed_contents<T, key_type, output, decltype(over_records), Evictor>{over_records, evictor_});
    } else {
      return with_contents(aggregated_contents<T, key_type, Aggregation>{std::move(aggregation)});
    }
  }

  template <class Contents>
  stream<typename Contents::output> with_contents(Contents contents) const {
    using function = triggered_windows<T, key_type, Windows, Trigger, Contents>;
    return origin_.template add_function<typename Contents::output>(
      "window", function{windows_, trigger_, std::move(contents), lateness_});
  }

  Origin origin_;
  Windows windows_;
  Trigger trigger_;
  Evictor evictor_;
  lateness<T> lateness_;
};

} // namespace leat
