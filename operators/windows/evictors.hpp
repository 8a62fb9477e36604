#pragma once

#include <leat/base/described_struct.hpp>
#include <leat/base/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace leat {

/// A record of a window that keeps its records, with its event time.
template <class T>
struct timed_record {
  T record{};
  timestamp time{};
  BOOST_DESCRIBE_CLASS(timed_record, (), (record, time), (), ())
};

/// An evictor removes records from a window before it emits: it has `void evict(std::vector<timed_record<T>>&) const`, which
/// gets them in the order in which they came. What it removes is gone for later firings too. It may have `std::string mistake()
/// const`: what is wrong with it, for a person; empty when it can be used. Any type of this shape can be used.
///
/// Removes nothing.
struct no_evictor {
  template <class T>
  void evict(std::vector<timed_record<T>>&) const {}
};

/// Leaves the newest `count` records.
struct count_evictor {
  std::size_t count;

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const {
    if (count > 0 && count <= PTRDIFF_MAX)
      return {};
    return "keep_last(n) takes a count above 0, not " + std::to_string(static_cast<std::ptrdiff_t>(count)) +
           ": the window would emit nothing of its records";
  }

  template <class T>
  void evict(std::vector<timed_record<T>>& records) const {
    if (records.size() > count)
      records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(count));
  }
};

/// Leaves the records that are less than `span` older than the newest by event time. After Flink's `TimeEvictor`.
struct time_evictor {
  duration span;

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const {
    if (span > duration::zero())
      return {};
    return "keep_last(span) takes a span above 0 ms, not " + std::to_string(span.count()) +
           " ms: the window would emit nothing of its records";
  }

  template <class T>
  void evict(std::vector<timed_record<T>>& records) const {
    auto newest = min_timestamp;
    for (const auto& r : records)
      newest = std::max(newest, r.time);
    if (newest != min_timestamp)
      std::erase_if(records, [&](const timed_record<T>& r) { return r.time <= newest - span; });
  }
};

/// `keep_last(100)` and `keep_last(10s)`: evictors to give to `window(…).evict(…)`.
inline count_evictor keep_last(std::size_t count) { return {count}; }
inline time_evictor keep_last(duration span) { return {span}; }

} // namespace leat
