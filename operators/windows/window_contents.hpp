#pragma once

#include <leat/operators/collector.hpp>
#include <leat/operators/window_spec.hpp>
#include <leat/operators/windows/evictors.hpp>
#include <leat/operators/windows/window_function.hpp>

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// What a window keeps of its records, and what it emits of them. A kind of contents has
///
///     output                                                                     what is emitted
///     held                                                                       kept per key and window; can be saved
///     void add(held&, const T&, timestamp) const
///     void merge(held& older, held& newer) const
///     bool empty(const held&) const
///     void emit(held&, keyed_context<Key>&, const time_window&, timestamp time, collector<output>&)
///     void open(state_registry&, bool merging)                                   before all others; may be missing
///     void drop(keyed_context<Key>&, const time_window&)                         the window is gone; may be missing
///     bool emits_to(std::string_view side_output) const                          may be missing: it is not known
///
/// An accumulator: one row when the window fires.
template <class T, class Key, class Aggregation>
class aggregated_contents {
public:
  using output = typename Aggregation::output;
  struct held {
    typename Aggregation::accumulator value{};
    bool any = false;
    BOOST_DESCRIBE_CLASS(held, (), (value, any), (), ())
  };

  explicit aggregated_contents(Aggregation aggregation) : aggregation_{std::move(aggregation)} {}

  [[nodiscard]] static bool emits_to(std::string_view) { return false; }

  void add(held& h, const T& record, timestamp) const {
    aggregation_.add(h.value, record);
    h.any = true;
  }
  void merge(held& older, held& newer) const {
    aggregation_.merge(older.value, newer.value);
    older.any = older.any || newer.any;
  }
  [[nodiscard]] bool empty(const held& h) const noexcept { return !h.any; }
  void emit(held& h, const keyed_context<Key>& c, const time_window& w, timestamp time, collector<output>& out) const {
    output row{};
    aggregation_.write(row, c.key(), w, h.value);
    out.push_at(std::move(row), time);
  }

private:
  Aggregation aggregation_;
};

/// All records, in the order in which they came: a `window_function` sees them, as a span of `timed_record<T>`, when the window
/// fires, behind an evictor.
template <class T, class Key, class Out, class Function, class Evictor = no_evictor>
class listed_contents {
  static_assert(
    requires(const Evictor& e, std::vector<timed_record<T>>& records) { e.evict(records); },
    "evict(e): e has void evict(std::vector<leat::timed_record<T>>&) const, where T is the type of the window's records");

public:
  using output = Out;
  using held = std::vector<timed_record<T>>;

  listed_contents(Function function, Evictor evictor) : function_{std::move(function)}, evictor_{std::move(evictor)} {}

  [[nodiscard]] static bool emits_to(std::string_view) {
    return !detail::takes_window<Function, Key, std::span<const timed_record<T>>, Out>;
  }

  void add(held& h, const T& record, timestamp time) const { h.push_back({record, time}); }
  void merge(held& older, held& newer) const {
    older.insert(older.end(), std::make_move_iterator(newer.begin()), std::make_move_iterator(newer.end()));
  }
  [[nodiscard]] bool empty(const held& h) const noexcept { return h.empty(); }
  void emit(held& h, keyed_context<Key>& c, const time_window& w, timestamp time, collector<Out>& out) {
    evictor_.evict(h);
    function_.call(std::span<const timed_record<T>>{h}, c, w, time, out);
  }
  void open(state_registry& states, bool merging) { function_.open(states, merging); }
  void drop(keyed_context<Key>& c, const time_window& w) { function_.drop(c, w); }

private:
  window_caller<Key, Function> function_;
  Evictor evictor_;
};

/// An accumulator, whose row goes through a `window_function` when the window fires.
template <class T, class Key, class Out, class Aggregation, class Function>
class aggregated_then_processed {
  using row = typename Aggregation::output;
  using inner = aggregated_contents<T, Key, Aggregation>;

public:
  using output = Out;
  using held = typename inner::held;

  aggregated_then_processed(Aggregation aggregation, Function function)
    : aggregation_{aggregation}, inner_{std::move(aggregation)}, function_{std::move(function)} {}

  [[nodiscard]] static bool emits_to(std::string_view) { return !detail::takes_window<Function, Key, row, Out>; }

  void add(held& h, const T& record, timestamp time) const { inner_.add(h, record, time); }
  void merge(held& older, held& newer) const { inner_.merge(older, newer); }
  [[nodiscard]] bool empty(const held& h) const noexcept { return inner_.empty(h); }
  void emit(held& h, keyed_context<Key>& c, const time_window& w, timestamp time, collector<Out>& out) {
    row r{};
    aggregation_.write(r, c.key(), w, h.value);
    function_.call(r, c, w, time, out);
  }
  void open(state_registry& states, bool merging) { function_.open(states, merging); }
  void drop(keyed_context<Key>& c, const time_window& w) { function_.drop(c, w); }

private:
  Aggregation aggregation_;
  inner inner_;
  window_caller<Key, Function> function_;
};

} // namespace leat
