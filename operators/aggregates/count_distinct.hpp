#pragma once

#include <leat/operators/aggregates.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <functional>
#include <utility>

namespace leat {

/// How many different values of `get` there are, exactly: each is kept once. They need `boost::hash` or `std::hash`.
template <class Get>
struct count_distinct_aggregate {
  Get get;

  template <class T>
  using accumulator = boost::unordered_flat_set<detail::read_t<Get, T>>;

  template <class T>
  void add(accumulator<T>& seen, const T& record) const {
    seen.insert(std::invoke(get, record));
  }
  template <class Set>
  void merge(Set& seen, const Set& other) const {
    seen.insert(other.begin(), other.end());
  }
  template <class Set>
  [[nodiscard]] std::int64_t result(const Set& seen) const noexcept {
    return static_cast<std::int64_t>(seen.size());
  }
};

/// The number of different values of `get`: a member, or a function of the record.
template <class Get>
constexpr count_distinct_aggregate<Get> count_distinct(Get get) {
  return {std::move(get)};
}

} // namespace leat
