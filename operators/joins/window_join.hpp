#pragma once

#include <leat/operators/keyed_co_process.hpp>
#include <leat/operators/side_output.hpp>
#include <leat/operators/windows/evictors.hpp>
#include <leat/operators/windows/triggered_windows.hpp>
#include <leat/operators/windows/window_assigners.hpp>

#include <functional>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// See `lateness`: each of the two streams has a side output of its own.
template <class First, class Second>
struct lateness<either_record<First, Second>> {
  duration allowed = duration::zero();
  late_pair_outputs<First, Second> late;

  template <class Context>
  void emit_late(const either_record<First, Second>& record, Context& c) const {
    if (record.first && late.first)
      c.emit(*late.first, *record.first);
    if (record.second && late.second)
      c.emit(*late.second, *record.second);
  }

  [[nodiscard]] bool emits_to(std::string_view side_output) const { return late.emits_to(side_output); }
};

/// The records of both streams in one window, in the order in which they came: `function(key, window, first, second, out)`
/// sees them when it fires. A kind of window contents, see `window_contents.hpp`.
template <class First, class Second, class Key, class Out, class Function>
class grouped_contents {
public:
  using output = Out;
  struct held {
    std::vector<timed_record<First>> first;
    std::vector<timed_record<Second>> second;
    BOOST_DESCRIBE_CLASS(held, (), (first, second), (), ())
  };

  explicit grouped_contents(Function function) : function_{std::move(function)} {}

  [[nodiscard]] static bool emits_to(std::string_view) { return false; }

  void add(held& h, const either_record<First, Second>& record, timestamp time) const {
    if (record.first)
      h.first.push_back({*record.first, time});
    else
      h.second.push_back({*record.second, time});
  }
  void merge(held& older, held& newer) const {
    append(older.first, newer.first);
    append(older.second, newer.second);
  }
  [[nodiscard]] bool empty(const held& h) const noexcept { return h.first.empty() && h.second.empty(); }
  void emit(held& h, const keyed_context<Key>& c, const time_window& w, timestamp time, collector<Out>& out) const {
    out.set_time(time);
    std::invoke(
      function_, c.key(), w, std::span<const timed_record<First>>{h.first}, std::span<const timed_record<Second>>{h.second},
      out);
  }

private:
  template <class R>
  static void append(std::vector<R>& older, std::vector<R>& newer) {
    older.insert(older.end(), std::make_move_iterator(newer.begin()), std::make_move_iterator(newer.end()));
  }

  Function function_;
};

/// Groups two streams by key and window. A `keyed_co_process_function`.
template <class First, class Second, class Key, class Windows, class Trigger, class Contents>
class window_join {
  using record = either_record<First, Second>;

public:
  using output = typename Contents::output;
  using context = keyed_context<Key>;

  window_join(Windows windows, Trigger trigger, Contents contents, lateness<record> late)
    : windows_{std::move(windows), std::move(trigger), std::move(contents), std::move(late)} {}

  void open(state_registry& r) { windows_.open(r); }
  [[nodiscard]] bool emits_to(std::string_view side_output) const { return windows_.emits_to(side_output); }
  [[nodiscard]] bool has_event_time_windows() const { return windows_.has_event_time_windows(); }
  void process_first(const First& r, context& c, collector<output>& out) { windows_.process({&r, nullptr}, c, out); }
  void process_second(const Second& r, context& c, collector<output>& out) { windows_.process({nullptr, &r}, c, out); }
  void on_timer(timestamp when, context& c, collector<output>& out) { windows_.on_timer(when, c, out); }

private:
  triggered_windows<record, Key, Windows, Trigger, Contents> windows_;
};

} // namespace leat
