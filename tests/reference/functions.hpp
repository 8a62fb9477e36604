#pragma once

#include <leat/operators/collector.hpp>
#include <leat/operators/window_spec.hpp>
#include <leat/operators/windows/evictors.hpp>
#include <leat/tests/reference/arithmetic.hpp>
#include <leat/tests/reference/pipeline_builder.hpp>
#include <leat/tests/reference/window_models.hpp>

#include <optional>
#include <span>

/// What the steps of the pipelines run, and settings that several kinds of them have.
namespace leat::reference {

/// What windows are aggregated to before they are a fact again.
struct summary {
  std::int64_t key, count, sum, most;
};
BOOST_DESCRIBE_STRUCT(summary, (), (key, count, sum, most))

inline fact fact_of(const summary& s) { return {s.key, digest(s.count, s.sum, s.most)}; }

/// Of a reduction whose order can be seen.
inline fact fold_of(const fact& older, const fact& newer) { return {older.key, folded(older.value, newer.value)}; }

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

/// Of a join whose records may be missing.
struct join_facts {
  fact operator()(const fact& first, const fact& second) const { return (*this)(&first, &second); }
  fact operator()(const fact& first, const fact* second) const { return (*this)(&first, second); }
  fact operator()(const fact* first, const fact* second) const {
    const auto value = [](const fact* f) { return f ? std::optional{f->value} : std::nullopt; };
    return {first ? first->key : second->key, joined(value(first), value(second))};
  }
};

inline window_kind any_windows(pipeline_builder& b) {
  return {.size = 5 + b.below(20), .slide = 3 + b.below(12), .offset = b.below(5)};
}

inline window_spec spec_of(const window_kind& kind) {
  return sliding(duration{kind.size}, duration{kind.slide}, duration{kind.offset});
}

/// Of sessions with `patient` records.
inline auto gap_of_record(const session_kind& kind) {
  return [kind](const fact& f) { return duration{kind.gap_of(f)}; };
}

} // namespace leat::reference
