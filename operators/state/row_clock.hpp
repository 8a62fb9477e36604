#pragma once

#include <leat/operators/state/state_layout.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace leat {

/// Rows in a circle, to find those that have not been used for long: the second-chance algorithm (F. J. Corbató, "A Paging
/// Experiment with the Multics System", 1968). Rows have `row_use`. Not thread-safe.
class row_clock {
public:
  void add(std::byte* row, std::uint64_t hash) {
    state_layout::use_of(row).place = static_cast<std::uint32_t>(rows_.size());
    rows_.push_back({row, hash});
  }

  void remove(std::byte* row) {
    const auto place = state_layout::use_of(row).place;
    rows_[place] = rows_.back();
    state_layout::use_of(rows_[place].row).place = place;
    rows_.pop_back();
  }

  /// Looks at `looks` rows, from where it stopped the last time, for `wanted` that may go; a row that was used meanwhile has
  /// another turn.
  /// @param may_go of a row. @param evict is given a row and its key's hash, and removes the row from here.
  template <class MayGo, class Evict>
  void sweep(std::size_t looks, std::size_t wanted, const MayGo& may_go, const Evict& evict) {
    for (; looks != 0 && wanted != 0 && !rows_.empty(); --looks) {
      if (hand_ >= rows_.size())
        hand_ = 0;
      const auto at = rows_[hand_];
      auto& use = state_layout::use_of(at.row);
      if (use.used || !may_go(at.row)) {
        use.used = false;
        ++hand_;
        continue;
      }
      evict(at.row, at.hash);
      --wanted;
    }
  }

private:
  struct place {
    std::byte* row;
    std::uint64_t hash; // of its key
  };

  std::vector<place> rows_;
  std::size_t hand_ = 0;
};

} // namespace leat
