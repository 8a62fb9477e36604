#pragma once

#include <leat/operators/keyed_process.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/operators/window_spec.hpp>

#include <string_view>
#include <utility>

namespace leat {

/// Keeps one accumulator per key for ever, and emits what it comes to with every record: `keyed_stream::aggregate` and
/// `keyed_stream::reduce`. A `keyed_process_function`.
template <class T, class Key, class Aggregation>
class running_aggregate {
public:
  using output = typename Aggregation::output;

  explicit running_aggregate(Aggregation aggregation) : aggregation_{std::move(aggregation)} {}

  [[nodiscard]] static bool emits_to(std::string_view) { return false; }

  void open(state_registry& r) { r.add("accumulator", accumulator_); }

  void process(const T& record, keyed_context<Key>& c, collector<output>& out) {
    auto& a = accumulator_.edit();
    aggregation_.add(a, record);
    out.fill([&](output& row) { aggregation_.write(row, c.key(), for_ever, a); });
  }

private:
  static constexpr time_window for_ever{min_timestamp, max_timestamp};

  Aggregation aggregation_;
  value_state<typename Aggregation::accumulator> accumulator_;
};

} // namespace leat
