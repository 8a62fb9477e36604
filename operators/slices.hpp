#pragma once

#include <leat/operators/key_table.hpp>
#include <leat/operators/window_spec.hpp>

#include <map>
#include <utility>
#include <vector>

namespace leat {

/// The state of a windowed aggregation: slice of time -> key -> accumulator.
///
/// Because windows are aligned in time, firing or dropping one is a pass over whole tables instead of a timer per key. The
/// tables of dropped slices are kept and filled again, so that a steady stream stops allocating.
///
/// Owned by one window step; not thread-safe.
template <class Key, class Accumulator>
class slices {
public:
  using table = key_table<Key, Accumulator>;

  /// The table of the slice that starts at `start`, made when there is none. It stays where it is until it is dropped.
  table& at(timestamp start) {
    auto found = tables_.find(start);
    if (found == tables_.end())
      found = tables_.emplace(start, spare()).first;
    return found->second;
  }

  [[nodiscard]] bool empty() const noexcept { return tables_.empty(); }
  [[nodiscard]] timestamp first() const { return tables_.begin()->first; }
  [[nodiscard]] timestamp last() const { return tables_.rbegin()->first; }

  /// The tables of the slices that start in [from, to), oldest first.
  void in(timestamp from, timestamp to, std::vector<const table*>& out) const {
    out.clear();
    for (auto i = tables_.lower_bound(from); i != tables_.end() && i->first < to; ++i)
      out.push_back(&i->second);
  }

  /// Drops the slices that start before `t`.
  void drop_before(timestamp t) {
    while (!tables_.empty() && tables_.begin()->first < t) {
      if (spare_.size() < max_spare) {
        auto& recycled = spare_.emplace_back(std::move(tables_.begin()->second));
        recycled.clear();
      }
      tables_.erase(tables_.begin());
    }
  }

  /// Calls `visit(timestamp slice, const Key&, const Accumulator&)` for all that is kept, the oldest slice first.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [start, t] : tables_)
      for (const auto& [key, accumulator] : t)
        visit(start, key, accumulator);
  }

  /// Keys in all slices together: a key counts once for each slice it is in.
  [[nodiscard]] std::size_t entries() const noexcept {
    std::size_t sum = 0;
    for (const auto& [start, t] : tables_)
      sum += t.size();
    return sum;
  }

private:
  static constexpr std::size_t max_spare = 2;

  table spare() {
    if (spare_.empty())
      return {};
    auto t = std::move(spare_.back());
    spare_.pop_back();
    return t;
  }

  std::map<timestamp, table> tables_;
  std::vector<table> spare_;
};

} // namespace leat
