#pragma once

#include <leat/operators/aggregation.hpp>
#include <leat/operators/keyed_process.hpp>
#include <leat/operators/partitioner.hpp>
#include <leat/operators/window.hpp>
#include <leat/pipeline/plan_builder.hpp>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace leat {

template <class T>
class stream;

/// How a step's records find the shard of their key.
template <class T, class KeyOf>
std::function<std::unique_ptr<partitioner>(edge_context)> divide_by(KeyOf key_of) {
  return [key_of](edge_context c) -> std::unique_ptr<partitioner> {
    return std::make_unique<key_partitioner<T, KeyOf>>(std::string{c.to}, key_of, c.targets, c.max_parallelism);
  };
}

/// Records divided by key and by windows of event time: say what becomes of each window.
template <class T, class KeyOf>
class windowed_stream {
public:
  using key_type = std::remove_cvref_t<std::invoke_result_t<const KeyOf&, const T&>>;

  windowed_stream(std::shared_ptr<plan_builder> builder, stream_origins origins, KeyOf key_of, window_spec windows)
    : builder_{std::move(builder)}, origins_{std::move(origins)}, key_of_{std::move(key_of)}, windows_{windows} {}

  /// One `Out` per key and window, its members filled in order from `columns`: `key`, `window_start`, `window_end` and
  /// aggregates such as `count`, `sum(&T::amount)`, `avg`, `min`, `max`.
  template <class Out, class... Columns>
  stream<Out> aggregate(Columns... columns) const {
    return with(columns_aggregation<T, key_type, Out, Columns...>{std::move(columns)...});
  }

  /// One record per key and window: `function(older, newer)` of all that came.
  template <class Function>
  stream<T> reduce(Function function) const {
    static_assert(
      std::is_invocable_r_v<T, const Function&, const T&, const T&>,
      "reduce(f): f takes two records by const reference and returns one");
    return with(reduce_aggregation<T, key_type, Function>{std::move(function)});
  }

private:
  template <class Aggregation>
  stream<typename Aggregation::output> with(Aggregation aggregation) const {
    const auto make = [key_of = key_of_, windows = windows_, aggregation](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<window_step<T, key_type, KeyOf, Aggregation>>(std::move(c), windows, key_of, aggregation);
    };
    return {builder_, builder_->add_keyed(origins_, "window", divide_by<T>(key_of_), make)};
  }

  std::shared_ptr<plan_builder> builder_;
  stream_origins origins_;
  KeyOf key_of_;
  window_spec windows_;
};

/// Records divided by key.
template <class T, class KeyOf>
class keyed_stream {
public:
  using key_type = std::remove_cvref_t<std::invoke_result_t<const KeyOf&, const T&>>;

  keyed_stream(std::shared_ptr<plan_builder> builder, stream_origins origins, KeyOf key_of)
    : builder_{std::move(builder)}, origins_{std::move(origins)}, key_of_{std::move(key_of)} {}

  /// Divides each key's records by event time: `tumbling(1min)`, `sliding(1h, 5min)`.
  windowed_stream<T, KeyOf> window(window_spec windows) const {
    if (const auto wrong = windows.mistake(); !wrong.empty())
      builder_->note_mistake(wrong);
    return {builder_, origins_, key_of_, windows};
  }

  /// Runs a function with state and timers over each key's records: see `keyed_process_function`. Until there are
  /// checkpoints, a restart forgets state that no pending event-time timer guards.
  template <class Out, class Function>
  stream<Out> process(Function function) const {
    static_assert(
      keyed_process_function<Function, T, key_type, Out>, "process<Out>(f): f has a member process(const T& record, "
                                                          "leat::keyed_context<Key>& context, leat::collector<Out>& out), "
                                                          "Key being what key_by returns");
    return with_step<Out>("process", [key_of = key_of_, function](step_context c) -> std::unique_ptr<step> {
      return std::make_unique<keyed_process_step<T, key_type, KeyOf, Out, Function>>(std::move(c), key_of, function);
    });
  }

private:
  template <class Out>
  stream<Out> with_step(std::string_view kind, const std::function<std::unique_ptr<step>(step_context)>& make) const {
    return {builder_, builder_->add_keyed(origins_, kind, divide_by<T>(key_of_), make)};
  }

  std::shared_ptr<plan_builder> builder_;
  stream_origins origins_;
  KeyOf key_of_;
};

} // namespace leat
