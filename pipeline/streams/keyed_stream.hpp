#pragma once

#include <leat/operators/aggregation.hpp>
#include <leat/operators/async/async_options.hpp>
#include <leat/operators/keyed_process.hpp>
#include <leat/operators/running_aggregate.hpp>
#include <leat/pipeline/streams/connected_streams.hpp>
#include <leat/pipeline/streams/joined_streams.hpp>
#include <leat/pipeline/streams/keyed_origin.hpp>
#include <leat/pipeline/streams/triggered_stream.hpp>
#include <leat/pipeline/streams/windowed_stream.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace leat {

/// Records divided by key.
template <class T, class KeyOf>
class keyed_stream {
public:
  using origin = keyed_origin<T, KeyOf>;
  using key_type = typename origin::key_type;

  explicit keyed_stream(origin from) : origin_{std::move(from)} {}

  /// Keeps the records for which `predicate` is true, see `stream::filter`. Each key's records go through one of the step's
  /// actors, in order; what comes out has no key, as in Flink: where the next step needs one, write `.key_by(…)` again.
  template <class Predicate>
  stream<T> filter(Predicate predicate) const {
    return origin_.by_key().filter(std::move(predicate));
  }

  /// One record for each, see `stream::map`; by key and without one afterwards, as `filter`.
  template <class Function>
  auto map(Function function) const {
    return origin_.by_key().map(std::move(function));
  }

  /// Any number of records for each, see `stream::flat_map`; by key and without one afterwards, as `filter`.
  template <class U, class Function>
  stream<U> flat_map(Function function) const {
    return origin_.by_key().template flat_map<U>(std::move(function));
  }

  /// Calls to the outside belong to no key: `.async<U>(f)` comes before, or behind a step that leaves it, such as `map`.
  template <class U, class Function>
  void async(const Function&, const async_options& = {}) const {
    static_assert(
      !sizeof(Function),
      "async<U>(f) belongs to no key: write it before .key_by(…), or behind a step that leaves the key, such as .map(…)");
  }

  /// Writes the records out, those of a key by one of the sink's actors, in order.
  template <class Spec>
  auto sink(const Spec& to) const {
    return origin_.by_key().sink(to);
  }

  /// One record of each key with every record that comes: `function(older, newer)` of all so far.
  template <class Function>
  stream<T> reduce(Function function) const {
    return running<T>(reduce_aggregation<T, key_type, Function>{std::move(function)});
  }

  /// One `Out` of each key with every record that comes, its members filled in order from `columns`: `key` and aggregates
  /// such as `count`, `sum(&T::amount)` of all so far.
  template <class Out, class... Columns>
  stream<Out> aggregate(Columns... columns) const {
    static_assert(
      (!detail::window_tag<Columns> && ...),
      "aggregate<Out>(…): window_start and window_end need windows: write .window(…) before it");
    (origin_.check_part(columns), ...);
    return running<Out>(columns_aggregation<T, key_type, Out, Columns...>{std::move(columns)...});
  }

  /// Divides each key's records by event time: `tumbling(1min)`, `sliding(1h, 5min)`.
  windowed_stream<origin> window(window_spec windows) const {
    origin_.check(windows.mistake());
    return {origin_, windows};
  }

  /// Divides each key's records by activity, `session(5min)` or `session(&T::patience)`, or by the wall clock:
  /// `processing_time(tumbling(1min))`, `processing_time_session(5min)`.
  template <class Windows>
  triggered_stream<origin, Windows, end_of_window_trigger> window(Windows windows) const {
    origin_.check(windows.mistake());
    const auto domain = windows.domain();
    return {origin_, std::move(windows), end_of_window_trigger{domain == time_domain::processing}};
  }

  /// All records of a key in one window that never ends: `.trigger(…)` says when it emits, and cannot be left out.
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

  /// Runs a function with state and timers over each key's records: see `keyed_process_function`. One that needs neither may
  /// be a lambda, `f(record, context, out)`. Until there are checkpoints, a restart forgets state that no pending event-time
  /// timer guards.
  template <class Out, class Function>
  stream<Out> process(Function function) const {
    if constexpr (keyed_process_function<Function, T, key_type, Out>)
      return origin_.template add_function<Out>("process", std::move(function));
    else if constexpr (std::is_invocable_v<Function&, const T&, keyed_context<key_type>&, collector<Out>&>)
      return origin_.template add_function<Out>("process", process_by_call<Function>{std::move(function)});
    else
      static_assert(
        !sizeof(Function),
        "process<Out>(f): f is called with, or has a member process(const T& record, leat::keyed_context<Key>& context, "
        "leat::collector<Out>& out), Key being what key_by returns");
  }

  /// This stream and another that is divided by the same kind of key, for a function over both:
  /// `a.key_by(…).connect(b.key_by(…)).process<Out>(f)`.
  template <class U, class OtherKeyOf>
  connected_streams<origin, keyed_origin<U, OtherKeyOf>> connect(const keyed_stream<U, OtherKeyOf>& other) const {
    check_key<U, OtherKeyOf>();
    return {origin_, other.origin_};
  }

  /// This stream beside one that every actor gets all of, such as rules: `….with_broadcast(rules).process<Out>(f)`.
  template <class B>
  keyed_with_broadcast<origin, B> with_broadcast(const stream<B>& broadcast) const {
    return {origin_, broadcast.broadcast_input()};
  }

  /// Joins this stream with another that is divided by the same kind of key:
  /// `a.key_by(…).join(b.key_by(…)).window(tumbling(1min)).inner(f)`, or `.between(-5s, 5s).left(f)`.
  template <class U, class OtherKeyOf>
  joined_streams<origin, keyed_origin<U, OtherKeyOf>> join(const keyed_stream<U, OtherKeyOf>& other) const {
    check_key<U, OtherKeyOf>();
    return {origin_, other.origin_};
  }

  /// Looks up for each record what `values` said last about its key, as of the record's event time: `.inner(f)` or
  /// `.left(f)`. A record waits until the watermark has reached its time.
  template <class U, class OtherKeyOf>
  looked_up<origin, keyed_origin<U, OtherKeyOf>> lookup(const keyed_stream<U, OtherKeyOf>& values) const {
    check_key<U, OtherKeyOf>();
    return {origin_, values.origin_, false};
  }

  /// The same as of now: with the value that came last. No record waits, and which value it finds is up to chance when both
  /// come at about the same time.
  template <class U, class OtherKeyOf>
  looked_up<origin, keyed_origin<U, OtherKeyOf>> lookup_latest(const keyed_stream<U, OtherKeyOf>& values) const {
    check_key<U, OtherKeyOf>();
    return {origin_, values.origin_, true};
  }

private:
  template <class, class>
  friend class keyed_stream;

  template <class U, class OtherKeyOf>
  static constexpr void check_key() {
    static_assert(
      std::is_same_v<key_type, typename keyed_origin<U, OtherKeyOf>::key_type>,
      "both streams need keys of one type: let one key_by convert to the type of the other");
  }

  template <class Out, class Aggregation>
  stream<Out> running(Aggregation aggregation) const {
    return origin_.template add_function<Out>(
      "running", running_aggregate<T, key_type, Aggregation>{std::move(aggregation)});
  }

  void check_count(std::int64_t count) const {
    if (count <= 0)
      origin_.check("count_window(…) takes counts above 0");
  }

  origin origin_;
};

} // namespace leat
