#pragma once

#include <leat/operators/collector.hpp>
#include <leat/operators/window_spec.hpp>
#include <leat/operators/windows/evictors.hpp>

#include <functional>
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
///     void emit(held&, const Key&, time_window, timestamp time, collector<output>&) const
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
  void emit(held& h, const Key& key, const time_window& w, timestamp time, collector<output>& out) const {
    output row{};
    aggregation_.write(row, key, w, h.value);
    out.push_at(std::move(row), time);
  }

private:
  Aggregation aggregation_;
};

/// All records, in the order in which they came: a function sees them when the window fires, behind an evictor.
template <class T, class Key, class Out, class Function, class Evictor = no_evictor>
class listed_contents {
public:
  using output = Out;
  using held = std::vector<timed_record<T>>;

  listed_contents(Function function, Evictor evictor) : function_{std::move(function)}, evictor_{std::move(evictor)} {}

  void add(held& h, const T& record, timestamp time) const { h.push_back({record, time}); }
  void merge(held& older, held& newer) const {
    older.insert(older.end(), std::make_move_iterator(newer.begin()), std::make_move_iterator(newer.end()));
  }
  [[nodiscard]] bool empty(const held& h) const noexcept { return h.empty(); }
  void emit(held& h, const Key& key, const time_window& w, timestamp time, collector<Out>& out) const {
    evictor_.evict(h);
    out.set_time(time);
    std::invoke(function_, key, w, std::span<const timed_record<T>>{h}, out);
  }

private:
  Function function_;
  Evictor evictor_;
};

/// An accumulator, whose row goes through a function when the window fires.
template <class T, class Key, class Out, class Aggregation, class Function>
class aggregated_then_processed {
  using row = typename Aggregation::output;
  using inner = aggregated_contents<T, Key, Aggregation>;

public:
  using output = Out;
  using held = typename inner::held;

  aggregated_then_processed(Aggregation aggregation, Function function)
    : aggregation_{aggregation}, inner_{std::move(aggregation)}, function_{std::move(function)} {}

  void add(held& h, const T& record, timestamp time) const { inner_.add(h, record, time); }
  void merge(held& older, held& newer) const { inner_.merge(older, newer); }
  [[nodiscard]] bool empty(const held& h) const noexcept { return inner_.empty(h); }
  void emit(held& h, const Key& key, const time_window& w, timestamp time, collector<Out>& out) const {
    row r{};
    aggregation_.write(r, key, w, h.value);
    out.set_time(time);
    std::invoke(function_, key, w, std::as_const(r), out);
  }

private:
  Aggregation aggregation_;
  inner inner_;
  Function function_;
};

} // namespace leat
