#pragma once

#include <leat/operators/keyed_process.hpp>
#include <leat/pipeline/streams/keyed_origin.hpp>
#include <leat/pipeline/streams/triggered_stream.hpp>
#include <leat/pipeline/streams/windowed_stream.hpp>

#include <memory>
#include <string>
#include <utility>

namespace leat {

/// Records divided by key.
template <class T, class KeyOf>
class keyed_stream {
public:
  using origin = keyed_origin<T, KeyOf>;
  using key_type = typename origin::key_type;

  explicit keyed_stream(origin from) : origin_{std::move(from)} {}

  /// Divides each key's records by event time: `tumbling(1min)`, `sliding(1h, 5min)`.
  windowed_stream<origin> window(window_spec windows) const {
    origin_.check(windows.mistake());
    return {origin_, windows};
  }

  /// Divides each key's records by activity, `session(5min)`, or by the wall clock: `processing_time(tumbling(1min))`,
  /// `processing_time_session(5min)`.
  template <class Windows>
  triggered_stream<origin, Windows, end_of_window_trigger> window(Windows windows) const {
    origin_.check(windows.mistake());
    const auto domain = windows.domain();
    return {origin_, std::move(windows), end_of_window_trigger{domain == time_domain::processing}};
  }

  /// All records of a key in one window that never ends; nothing is emitted before a `.trigger(…)` says so.
  triggered_stream<origin, global_windows, never_trigger> window(global_windows windows) const {
    return {origin_, windows, never_trigger{}};
  }

  /// Every `count` records of a key, whatever their times.
  triggered_stream<origin, global_windows, purging_trigger<count_trigger>> count_window(std::int64_t count) const {
    check_count(count);
    return {origin_, global_windows{}, purging(every_count(count))};
  }

  /// The last `count` records of a key, every `slide` records.
  triggered_stream<origin, global_windows, count_trigger, count_evictor>
  count_window(std::int64_t count, std::int64_t slide) const {
    check_count(std::min(count, slide));
    return {origin_, global_windows{}, every_count(slide), keep_last(static_cast<std::size_t>(count))};
  }

  /// Runs a function with state and timers over each key's records: see `keyed_process_function`. Until there are
  /// checkpoints, a restart forgets state that no pending event-time timer guards.
  template <class Out, class Function>
  stream<Out> process(Function function) const {
    static_assert(
      keyed_process_function<Function, T, key_type, Out>, "process<Out>(f): f has a member process(const T& record, "
                                                          "leat::keyed_context<Key>& context, leat::collector<Out>& out), "
                                                          "Key being what key_by returns");
    return origin_.template add_function<Out>("process", std::move(function));
  }

private:
  void check_count(std::int64_t count) const {
    if (count <= 0)
      origin_.check("count_window(…) takes counts above 0");
  }

  origin origin_;
};

} // namespace leat
