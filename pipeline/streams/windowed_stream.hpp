#pragma once

#include <leat/operators/aggregation.hpp>
#include <leat/operators/window.hpp>
#include <leat/pipeline/streams/keyed_origin.hpp>
#include <leat/pipeline/streams/triggered_stream.hpp>

#include <type_traits>
#include <utility>

namespace leat {

/// Records divided by key and by tumbling or sliding windows of event time: say what becomes of each window.
///
/// `aggregate` and `reduce` alone share slices between windows, and fire a window for all keys at once. With a trigger, an
/// evictor, lateness or `process` each key's windows stand by themselves.
template <class Origin>
class windowed_stream {
  using T = typename Origin::record;
  using key_type = typename Origin::key_type;

public:
  windowed_stream(Origin origin, window_spec windows) : origin_{std::move(origin)}, windows_{windows} {}

  /// One `Out` per key and window, its members filled in order from `columns`: `key`, `window_start`, `window_end` and
  /// aggregates such as `count`, `sum(&T::amount)`, `avg`, `min`, `max`.
  template <class Out, class... Columns>
  stream<Out> aggregate(Columns... columns) const {
    (origin_.check_part(columns), ...);
    return with(columns_aggregation<T, key_type, Out, Columns...>{std::move(columns)...});
  }

  /// One record per key and window: `function(older, newer)` of all that came.
  template <class Function>
  stream<T> reduce(Function function) const {
    return with(reduce_aggregation<T, key_type, Function>{std::move(function)});
  }

  // What follows is described at `triggered_stream`.

  template <class When>
  auto trigger(When when) const {
    return each_by_itself().trigger(std::move(when));
  }
  template <class What>
  auto evict(What what) const {
    return each_by_itself().evict(std::move(what));
  }
  auto allowed_lateness(duration allowed) const { return each_by_itself().allowed_lateness(allowed); }
  auto late_output(side_output<T> to) const { return each_by_itself().late_output(std::move(to)); }
  template <class Out, class Function>
  stream<Out> process(Function function) const {
    return each_by_itself().template process<Out>(std::move(function));
  }
  template <class Row, class Out, class Function, class... Columns>
  stream<Out> aggregate_then(Function function, Columns... columns) const {
    return each_by_itself().template aggregate_then<Row, Out>(std::move(function), std::move(columns)...);
  }

private:
  [[nodiscard]] triggered_stream<Origin, aligned_windows, event_time_trigger> each_by_itself() const {
    return {origin_, aligned_windows{windows_}, event_time_trigger{}};
  }

  template <class Aggregation>
  stream<typename Aggregation::output> with(Aggregation aggregation) const {
    return origin_.template add<typename Aggregation::output>(
      "window", [key_of = origin_.key_of(), windows = windows_, aggregation](step_context c) -> std::unique_ptr<step> {
        return make_window_step<T, key_type>(std::move(c), windows, key_of, aggregation);
      });
  }

  Origin origin_;
  window_spec windows_;
};

} // namespace leat
