#pragma once

#include <leat/base/described_struct.hpp>
#include <leat/base/key_hash.hpp>
#include <leat/operators/aggregates.hpp>
#include <leat/operators/window_spec.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace leat {

namespace detail {

/// A tag takes part in the row, not in the accumulating.
struct nothing {};

template <class Column>
concept window_tag = std::is_same_v<Column, window_start_tag> || std::is_same_v<Column, window_end_tag>;

template <class Column>
concept column_tag = std::is_same_v<Column, key_tag> || window_tag<Column>;

template <class Column, class T>
struct accumulator_of {
  using type = typename Column::template accumulator<T>;
};
template <column_tag Column, class T>
struct accumulator_of<Column, T> {
  using type = nothing;
};

template <class Member, class Value>
concept assignable_without_loss = requires(Value&& v) {
  Member{std::forward<Value>(v)};
};

/// Fills a member of a row from a column. When the value does not fit, the compiler's message shows both.
template <auto Member, class Column, class Out, class Value>
void fill_member(Out& out, Value&& value) {
  static_assert(
    assignable_without_loss<std::remove_reference_t<decltype(out.*Member)>, Value>,
    "aggregate<Out>: a column does not fit its member of Out without loss (this message names both, as Column and Member); "
    "count and sums of integers are std::int64_t, sums of floating point and avg are double, min and max have the type "
    "they read, key has the type of the key, and window_start and window_end are leat::timestamp");
  out.*Member = std::forward<Value>(value);
}

} // namespace detail

/// `aggregate<Out>(columns…)`: fills the members of `Out`, in the order of their description, from one column each. A column
/// is `key`, `window_start`, `window_end` or an aggregate.
template <class T, class Key, class Out, class... Columns>
class columns_aggregation {
public:
  using record = T;
  using output = Out;
  using accumulator = std::tuple<typename detail::accumulator_of<Columns, T>::type...>;

  static_assert(described_struct<Out>, "aggregate<Out>: describe Out with BOOST_DESCRIBE_STRUCT(Out, (), (members…))");
  using members = boost::describe::describe_members<Out, boost::describe::mod_public | boost::describe::mod_inherited>;
  static_assert(
    boost::mp11::mp_size<members>::value == sizeof...(Columns),
    "aggregate<Out>(…) takes one column for each described member of Out, in the same order");

  explicit columns_aggregation(Columns... columns) : columns_{std::move(columns)...} {}

  void add(accumulator& a, const T& record) const {
    each([&]<std::size_t I>(const auto& column) {
      if constexpr (!detail::column_tag<std::remove_cvref_t<decltype(column)>>)
        column.add(std::get<I>(a), record);
    });
  }

  void merge(accumulator& a, const accumulator& newer) const {
    each([&]<std::size_t I>(const auto& column) {
      if constexpr (!detail::column_tag<std::remove_cvref_t<decltype(column)>>)
        column.merge(std::get<I>(a), std::get<I>(newer));
    });
  }

  void write(Out& out, const Key& key, const time_window& w, const accumulator& a) const {
    each([&]<std::size_t I>(const auto& column) {
      using column_type = std::remove_cvref_t<decltype(column)>;
      const auto fill = [&out](auto&& value) {
        using member = boost::mp11::mp_at_c<members, I>;
        detail::fill_member<member::pointer, column_type>(out, std::forward<decltype(value)>(value));
      };
      if constexpr (std::is_same_v<column_type, key_tag>)
        fill(key);
      else if constexpr (std::is_same_v<column_type, window_start_tag>)
        fill(w.start);
      else if constexpr (std::is_same_v<column_type, window_end_tag>)
        fill(w.end);
      else
        fill(column.result(std::get<I>(a)));
    });
  }

private:
  template <class Visit>
  void each(Visit&& visit) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (visit.template operator()<I>(std::get<I>(columns_)), ...); }
    (std::index_sequence_for<Columns...>{});
  }

  std::tuple<Columns...> columns_;
};

/// `reduce(function)`: keeps one record per key and window, `function(older, newer)` of all that came.
template <class T, class Key, class Function>
class reduce_aggregation {
  static_assert(
    std::is_invocable_r_v<T, const Function&, const T&, const T&>,
    "reduce(f): f takes two records by const reference and returns one");

public:
  using record = T;
  using output = T;
  struct accumulator {
    T value{};
    bool any = false;
    BOOST_DESCRIBE_CLASS(accumulator, (), (value, any), (), ())
  };

  explicit reduce_aggregation(Function function) : function_{std::move(function)} {}

  void add(accumulator& a, const T& record) const {
    if (a.any)
      a.value = std::invoke(function_, std::as_const(a.value), record);
    else
      a.value = record;
    a.any = true;
  }

  void merge(accumulator& a, const accumulator& newer) const {
    if (newer.any)
      add(a, newer.value);
  }

  void write(T& out, const Key&, const time_window&, const accumulator& a) const { out = a.value; }

private:
  Function function_;
};

} // namespace leat
