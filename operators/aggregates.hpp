#pragma once

#include <leat/base/decimal.hpp>
#include <leat/base/described_struct.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace leat {

/// Aggregates: what a window or a running aggregation keeps for a key instead of its records.
///
/// An aggregate `A` over records of `T` has `A::accumulator<T>` (default-constructible, copyable), and
///   void add(accumulator<T>&, const T&) const               a record joins
///   void merge(accumulator<T>&, const accumulator<T>&) const  two parts become one; the left part is the older
///   R result(const accumulator<T>&) const                    what it comes to; called only after at least one `add`
/// and may have
///   std::string mistake() const                              what is wrong with it, for a person; empty when it can be used
/// The accumulator is saved with the state, see `encoding.hpp`: a number, container or described struct is.
/// The aggregate has no other state, so one object serves all keys. Any type of this shape can be used where these are.

namespace detail {

template <class Get, class T>
using read_t = std::remove_cvref_t<std::invoke_result_t<const Get&, const T&>>;

template <class Number>
inline constexpr bool is_summable = std::is_arithmetic_v<Number> || std::is_same_v<Number, decimal>;

/// What numbers are summed as.
template <class Number>
using sum_t = std::conditional_t<
  std::is_same_v<Number, decimal>, decimal, std::conditional_t<std::is_floating_point_v<Number>, double, std::int64_t>>;

} // namespace detail

/// How many records.
struct count_aggregate {
  template <class T>
  using accumulator = std::int64_t;

  template <class T>
  void add(std::int64_t& n, const T&) const noexcept {
    ++n;
  }
  void merge(std::int64_t& n, std::int64_t other) const noexcept { n += other; }
  [[nodiscard]] std::int64_t result(std::int64_t n) const noexcept { return n; }
};

/// The sum of a number read from each record: integers as 64 bits with a sign, where an overflow is an error, also of a
/// single unsigned number; floating point as double; decimals exactly.
template <class Get>
struct sum_aggregate {
  Get get;

  template <class T>
  using accumulator = detail::sum_t<detail::read_t<Get, T>>;

  template <class T>
  void add(accumulator<T>& sum, const T& record) const {
    static_assert(
      detail::is_summable<detail::read_t<Get, T>>,
      "sum() needs a number: a numeric member, or a function of the record that returns one");
    add_to(sum, std::invoke(get, record));
  }
  template <class Number>
  void merge(Number& sum, const Number& other) const {
    add_to(sum, other);
  }
  template <class Number>
  [[nodiscard]] Number result(const Number& sum) const noexcept {
    return sum;
  }

private:
  static void add_to(double& sum, double x) noexcept { sum += x; }
  static void add_to(decimal& sum, const decimal& x) { sum += x; }
  template <std::integral Integer>
  static void add_to(std::int64_t& sum, Integer x) { // not cast before: the built-in adds as if to infinite precision
    if (__builtin_add_overflow(sum, x, &sum))
      throw std::overflow_error{"a sum of integers left the range of 64 bits with a sign: sum it as double"};
  }
};

/// The mean of a number read from each record: of decimals a decimal, with all digits behind the point that the sum has and
/// at least six (as Flink's AVG has them), rounded half up; otherwise a double.
template <class Get>
struct avg_aggregate {
  Get get;

  template <class Sum>
  struct mean {
    Sum sum{};
    std::int64_t count = 0;
    BOOST_DESCRIBE_CLASS(mean, (), (sum, count), (), ())
  };
  template <class T>
  using accumulator = mean<std::conditional_t<std::is_same_v<detail::read_t<Get, T>, decimal>, decimal, double>>;

  template <class T>
  void add(accumulator<T>& m, const T& record) const {
    static_assert(
      detail::is_summable<detail::read_t<Get, T>>,
      "avg() needs a number: a numeric member, or a function of the record that returns one");
    m.sum += static_cast<decltype(m.sum)>(std::invoke(get, record));
    ++m.count;
  }
  template <class Sum>
  void merge(mean<Sum>& m, const mean<Sum>& other) const {
    m.sum += other.sum;
    m.count += other.count;
  }
  [[nodiscard]] double result(const mean<double>& m) const noexcept { return m.sum / static_cast<double>(m.count); }
  [[nodiscard]] decimal result(const mean<decimal>& m) const {
    constexpr int least_scale = 6;
    const int room = decimal::max_digits - (m.sum.digits() - m.sum.scale()); // behind the point
    return m.sum.divide(m.count, std::min(std::max(m.sum.scale(), least_scale), room));
  }
};

/// The least (or, with `std::greater`, the greatest) of a value read from each record; the older one of equals.
template <class Get, class Before>
struct extreme_aggregate {
  Get get;

  template <class V>
  struct extreme {
    V value{};
    bool any = false;
    BOOST_DESCRIBE_CLASS(extreme, (), (value, any), (), ())
  };
  template <class T>
  using accumulator = extreme<detail::read_t<Get, T>>;

  template <class T>
  void add(accumulator<T>& best, const T& record) const {
    decltype(auto) value = std::invoke(get, record);
    if (!best.any || Before{}(value, best.value)) {
      best.value = value;
      best.any = true;
    }
  }
  template <class V>
  void merge(extreme<V>& best, const extreme<V>& other) const {
    if (other.any && (!best.any || Before{}(other.value, best.value)))
      best = other;
  }
  template <class V>
  [[nodiscard]] V result(const extreme<V>& best) const {
    return best.value;
  }
};

/// How many records.
inline constexpr count_aggregate count{};

/// The sum of `get`: a member, or a function of the record. Integers stay integers; an overflow ends the job.
template <class Get>
constexpr sum_aggregate<Get> sum(Get get) {
  return {std::move(get)};
}

/// The mean of `get`, as double; of decimals a decimal.
template <class Get>
constexpr avg_aggregate<Get> avg(Get get) {
  return {std::move(get)};
}

/// The least value of `get`.
template <class Get>
constexpr extreme_aggregate<Get, std::less<>> min(Get get) {
  return {std::move(get)};
}

/// The greatest value of `get`.
template <class Get>
constexpr extreme_aggregate<Get, std::greater<>> max(Get get) {
  return {std::move(get)};
}

/// Stands for the key in `aggregate<Out>(key, …)`.
struct key_tag {};
inline constexpr key_tag key{};

/// Stands for the window's start, a `timestamp`.
struct window_start_tag {};
inline constexpr window_start_tag window_start{};

/// Stands for the window's end (exclusive), a `timestamp`.
struct window_end_tag {};
inline constexpr window_end_tag window_end{};

} // namespace leat
