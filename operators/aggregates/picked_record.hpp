#pragma once

#include <leat/operators/aggregates.hpp>

#include <functional>
#include <optional>
#include <utility>

namespace leat {

/// Reads the whole record.
struct whole_record {
  template <class T>
  const T& operator()(const T& record) const noexcept {
    return record;
  }
};

/// A value of the one record for which `by` is least (or, with `std::greater`, greatest); the older one of equals.
template <class By, class Before, class Get>
struct extreme_by_aggregate {
  By by;
  Get get;

  template <class V, class W>
  struct best {
    V at{};
    W value{};
    bool any = false;
    BOOST_DESCRIBE_CLASS(best, (), (at, value, any), (), ())
  };
  template <class T>
  using accumulator = best<detail::read_t<By, T>, detail::read_t<Get, T>>;

  template <class T>
  void add(accumulator<T>& b, const T& record) const {
    decltype(auto) at = std::invoke(by, record);
    if (b.any && !Before{}(at, b.at))
      return;
    b.at = at;
    b.value = std::invoke(get, record);
    b.any = true;
  }
  template <class Best>
  void merge(Best& b, const Best& other) const {
    if (other.any && (!b.any || Before{}(other.at, b.at)))
      b = other;
  }
  template <class V, class W>
  [[nodiscard]] W result(const best<V, W>& b) const {
    return b.value;
  }
};

/// A value of the record that came first (or last). A sliding window has its slices in the order of event time, and inside a
/// slice the order in which the records came.
template <class Get, bool Last>
struct end_aggregate {
  Get get;

  template <class V>
  struct end {
    V value{};
    bool any = false;
    BOOST_DESCRIBE_CLASS(end, (), (value, any), (), ())
  };
  template <class T>
  using accumulator = end<detail::read_t<Get, T>>;

  template <class T>
  void add(accumulator<T>& e, const T& record) const {
    if (e.any && !Last)
      return;
    e.value = std::invoke(get, record);
    e.any = true;
  }
  template <class V>
  void merge(end<V>& e, const end<V>& newer) const {
    if (newer.any && (Last || !e.any))
      e = newer;
  }
  template <class V>
  [[nodiscard]] V result(const end<V>& e) const {
    return e.value;
  }
};

/// Of the record whose `by` is least: `get`, or the whole record. `min_by(&quote::price, &quote::dealer)`.
template <class By, class Get = whole_record>
constexpr extreme_by_aggregate<By, std::less<>, Get> min_by(By by, Get get = {}) {
  return {std::move(by), std::move(get)};
}

/// Of the record whose `by` is greatest: `get`, or the whole record.
template <class By, class Get = whole_record>
constexpr extreme_by_aggregate<By, std::greater<>, Get> max_by(By by, Get get = {}) {
  return {std::move(by), std::move(get)};
}

/// Of the record that came first: `get`, or the whole record.
template <class Get = whole_record>
constexpr end_aggregate<Get, false> first(Get get = {}) {
  return {std::move(get)};
}

/// Of the record that came last: `get`, or the whole record.
template <class Get = whole_record>
constexpr end_aggregate<Get, true> last(Get get = {}) {
  return {std::move(get)};
}

} // namespace leat
