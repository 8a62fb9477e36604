#pragma once

#include <cassert>
#include <cstdint>
#include <deque>

namespace leat {

/// Counts deliveries by segment, as `sink_writer` promises them: records arrive in any order, segments complete in order.
///
/// Steady state is one increment a record sent and one decrement a record arrived. Belongs to one writer; not thread-safe.
class delivery_segments {
public:
  /// Counts one more record into the open segment and returns that segment's number, to be handed to `arrived`.
  std::uint64_t sent() {
    ++missing_.back();
    return current();
  }

  /// The segment records are counted into now.
  [[nodiscard]] std::uint64_t current() const noexcept { return first_ + missing_.size() - 1; }

  /// One record of `segment` has arrived, or has been given up.
  void arrived(std::uint64_t segment) {
    assert(segment >= first_ && segment <= current() && missing_[segment - first_] > 0);
    --missing_[segment - first_];
  }

  /// Closes the open segment and returns its number.
  std::uint64_t mark() {
    const auto closed = current();
    missing_.push_back(0);
    return closed;
  }

  /// The last closed segment of which, and of all before it, nothing is missing; 0 before the first.
  std::uint64_t delivered() {
    while (missing_.size() > 1 && missing_.front() == 0) {
      missing_.pop_front();
      ++first_;
    }
    return first_ - 1;
  }

private:
  std::uint64_t first_ = 1;              // number of the segment at the front
  std::deque<std::uint64_t> missing_{0}; // of each segment not delivered yet; the last one is open
};

} // namespace leat
