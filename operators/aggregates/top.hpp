#pragma once

#include <leat/operators/aggregates.hpp>
#include <leat/operators/aggregates/picked_record.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// Values of the `n` records whose `by` is greatest, the greatest first; of equals the older first.
template <class By, class Get>
struct top_aggregate {
  std::size_t n;
  By by;
  Get get;

  template <class V, class W>
  struct ranked {
    V at;
    W value;
    BOOST_DESCRIBE_CLASS(ranked, (), (at, value), (), ())
  };
  template <class T>
  using accumulator = std::vector<ranked<detail::read_t<By, T>, detail::read_t<Get, T>>>;

  template <class T>
  void add(accumulator<T>& best, const T& record) const {
    decltype(auto) at = std::invoke(by, record);
    if (best.size() == n && (n == 0 || !(at > best.back().at)))
      return;
    insert(best, {at, std::invoke(get, record)});
  }
  template <class Ranked>
  void merge(std::vector<Ranked>& best, const std::vector<Ranked>& newer) const {
    for (const auto& r : newer) {
      if (best.size() == n && (n == 0 || !(r.at > best.back().at)))
        return; // the others are not greater
      insert(best, r);
    }
  }
  template <class V, class W>
  [[nodiscard]] std::vector<W> result(const std::vector<ranked<V, W>>& best) const {
    std::vector<W> values;
    values.reserve(best.size());
    for (const auto& r : best)
      values.push_back(r.value);
    return values;
  }

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const {
    return n > 0 && n <= PTRDIFF_MAX ? ""
                                     : "top(n, …) takes an n above 0: with " +
                                         std::to_string(static_cast<std::ptrdiff_t>(n)) + " its column has no records";
  }

private:
  template <class Ranked>
  void insert(std::vector<Ranked>& best, Ranked r) const {
    const auto behind =
      std::upper_bound(best.begin(), best.end(), r, [](const Ranked& a, const Ranked& b) { return a.at > b.at; });
    best.insert(behind, std::move(r));
    if (best.size() > n)
      best.pop_back();
  }
};

/// Of the `n` records whose `by` is greatest, in this order: `get`, or the whole records. A `std::vector`.
template <class By, class Get = whole_record>
constexpr top_aggregate<By, Get> top(std::size_t n, By by, Get get = {}) {
  return {n, std::move(by), std::move(get)};
}

} // namespace leat
