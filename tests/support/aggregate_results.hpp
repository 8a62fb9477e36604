#pragma once

#include <vector>

namespace leat::testing {

/// What `aggregate` makes of `records`, in their order.
template <class T, class Aggregate>
auto accumulated(const Aggregate& aggregate, const std::vector<T>& records) {
  typename Aggregate::template accumulator<T> a{};
  for (const auto& r : records)
    aggregate.add(a, r);
  return aggregate.result(a);
}

/// The same, in two halves that are merged.
template <class T, class Aggregate>
auto accumulated_in_halves(const Aggregate& aggregate, const std::vector<T>& older, const std::vector<T>& newer) {
  typename Aggregate::template accumulator<T> all{};
  for (const auto* part : {&older, &newer}) {
    typename Aggregate::template accumulator<T> a{};
    for (const auto& r : *part)
      aggregate.add(a, r);
    aggregate.merge(all, a);
  }
  return aggregate.result(all);
}

} // namespace leat::testing
