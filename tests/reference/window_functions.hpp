#pragma once

#include <leat/operators/collector.hpp>
#include <leat/operators/window_spec.hpp>
#include <leat/operators/windows/evictors.hpp>
#include <leat/tests/reference/arithmetic.hpp>
#include <leat/tests/reference/stream_model.hpp>

#include <span>

namespace leat::reference {

/// What windows are aggregated to before they are a fact again.
struct summary {
  std::int64_t key, count, sum, most;
};
BOOST_DESCRIBE_STRUCT(summary, (), (key, count, sum, most))

inline fact fact_of(const summary& s) { return {s.key, digest(s.count, s.sum, s.most)}; }

inline values values_of(std::span<const timed_record<fact>> records) {
  values all;
  for (const auto& r : records)
    all.push_back(r.record.value);
  return all;
}

/// A window's records to one fact.
struct list_digest {
  void operator()(
    std::int64_t key, const time_window&, std::span<const timed_record<fact>> records, collector<fact>& out) const {
    out.push(fact{key, ordered_digest(values_of(records))});
  }
};

} // namespace leat::reference
