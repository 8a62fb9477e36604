#pragma once

#include <leat/base/time.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

namespace leat::fraud {

/// How many records there are, and how many of them in the oldest and in the newest of the cells they fall into. A cell
/// is a span of event time; cells are numbered from the epoch.
struct edge_counts {
  std::int64_t total = 0;
  std::int64_t oldest_cell = std::numeric_limits<std::int64_t>::max();
  std::int64_t newest_cell = std::numeric_limits<std::int64_t>::min();
  std::int64_t in_oldest = 0;
  std::int64_t in_newest = 0;

  /// Of all records, those that are not in cell `c`, which none is older than.
  [[nodiscard]] std::int64_t without_oldest(std::int64_t c) const noexcept {
    return total - (oldest_cell == c ? in_oldest : 0);
  }

  /// Of all records, those that are not in cell `c`, which none is newer than.
  [[nodiscard]] std::int64_t without_newest(std::int64_t c) const noexcept {
    return total - (newest_cell == c ? in_newest : 0);
  }
};
BOOST_DESCRIBE_STRUCT(edge_counts, (), (total, oldest_cell, newest_cell, in_oldest, in_newest))

/// The number of the cell that `t` falls into.
[[nodiscard]] constexpr std::int64_t cell_of(timestamp t, duration cell) noexcept {
  const auto n = to_millis(t) / cell.count();
  return to_millis(t) % cell.count() < 0 ? n - 1 : n;
}

/// An aggregate that counts records by `edge_counts`: one pass over a window that is a cell longer than the one in
/// question gives the count of that window and of the window a cell before it.
template <class TimeOf>
struct edge_counts_aggregate {
  duration cell;
  TimeOf time_of;

  template <class T>
  using accumulator = edge_counts;

  template <class T>
  void add(edge_counts& a, const T& record) const {
    const auto c = cell_of(std::invoke(time_of, record), cell);
    merge(a, edge_counts{1, c, c, 1, 1});
  }

  void merge(edge_counts& a, const edge_counts& b) const noexcept {
    a.total += b.total;
    if (b.oldest_cell < a.oldest_cell)
      a.in_oldest = 0;
    if (b.oldest_cell <= a.oldest_cell) {
      a.in_oldest += b.in_oldest;
      a.oldest_cell = b.oldest_cell;
    }
    if (b.newest_cell > a.newest_cell)
      a.in_newest = 0;
    if (b.newest_cell >= a.newest_cell) {
      a.in_newest += b.in_newest;
      a.newest_cell = b.newest_cell;
    }
  }

  [[nodiscard]] edge_counts result(const edge_counts& a) const noexcept { return a; }
};

/// Counts by cells of length `cell`; `time_of` is a member of type `timestamp` or a function that returns one.
template <class TimeOf>
constexpr edge_counts_aggregate<TimeOf> count_edges(duration cell, TimeOf time_of) {
  return {cell, std::move(time_of)};
}

} // namespace leat::fraud
