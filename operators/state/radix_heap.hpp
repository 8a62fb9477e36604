#pragma once

#include <leat/base/time.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace leat {

/// Entries in the order of their times, those of one time in the order of their numbers: for entries that mostly lie behind
/// the last one taken, and come with growing numbers, as timers do. `Entry` has `timestamp when` and `std::uint64_t number`.
///
/// A radix heap: an entry lies in the bucket of the highest bit in which its time differs from that of the last one taken, so
/// adding one looks at no other, and each moves at most once per bit of the distance. (Ahuja, Mehlhorn, Orlin, Tarjan: Faster
/// Algorithms for the Shortest Path Problem, 1990.) Entries before the last one taken lie in a binary heap beside it.
/// Not thread-safe.
template <class Entry>
class radix_heap {
public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  void push(Entry e) {
    ++size_;
    const auto at = position(e.when);
    if (at >= base_)
      return place(at, std::move(e));
    early_.push_back(std::move(e));
    std::push_heap(early_.begin(), early_.end(), goes_behind);
  }

  /// The time of the first entry; `max_timestamp` when there is none.
  [[nodiscard]] timestamp next() const noexcept {
    if (!early_.empty())
      return early_.front().when;
    if (taken_ < now_.size())
      return now_[taken_].when;
    return occupied_ == 0 ? max_timestamp : buckets_[lowest()].first;
  }

  /// Takes the first entry out. There has to be one.
  Entry pop() {
    --size_;
    if (!early_.empty()) {
      std::pop_heap(early_.begin(), early_.end(), goes_behind);
      auto first = std::move(early_.back());
      early_.pop_back();
      return first;
    }
    if (taken_ == now_.size())
      advance();
    return std::move(now_[taken_++]);
  }

  /// Takes out every entry of which `what(entry)` holds.
  template <class Predicate>
  void erase_if(Predicate what) {
    now_.erase(now_.begin(), now_.begin() + static_cast<std::ptrdiff_t>(std::exchange(taken_, 0)));
    std::erase_if(now_, what);
    std::erase_if(early_, what);
    std::make_heap(early_.begin(), early_.end(), goes_behind);
    size_ = now_.size() + early_.size();
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      auto& b = buckets_[i];
      if (std::erase_if(b.entries, what) != 0)
        b.first = first_of(b.entries);
      if (b.entries.empty())
        occupied_ &= ~(std::uint64_t{1} << i);
      size_ += b.entries.size();
    }
  }

private:
  struct bucket {
    std::vector<Entry> entries;
    timestamp first = max_timestamp;
  };

  /// Times as numbers without sign, in the same order.
  [[nodiscard]] static std::uint64_t position(timestamp when) noexcept {
    return static_cast<std::uint64_t>(to_millis(when)) ^ (std::uint64_t{1} << 63);
  }

  [[nodiscard]] std::size_t lowest() const noexcept { return static_cast<std::size_t>(std::countr_zero(occupied_)); }

  /// @param at not before `base_`.
  void place(std::uint64_t at, Entry e) {
    if (at == base_) {
      now_.push_back(std::move(e));
      return;
    }
    const auto i = static_cast<std::size_t>(std::bit_width(at ^ base_)) - 1;
    occupied_ |= std::uint64_t{1} << i;
    buckets_[i].first = std::min(buckets_[i].first, e.when);
    buckets_[i].entries.push_back(std::move(e));
  }

  [[nodiscard]] static bool goes_before(const Entry& a, const Entry& b) noexcept {
    return a.when != b.when ? a.when < b.when : a.number < b.number;
  }
  [[nodiscard]] static bool goes_behind(const Entry& a, const Entry& b) noexcept { return goes_before(b, a); }

  /// Goes on to the next time that has entries, and spreads its bucket: all of it goes to lower ones.
  void advance() {
    now_.clear();
    taken_ = 0;
    auto& b = buckets_[lowest()];
    occupied_ &= occupied_ - 1;
    base_ = position(b.first);
    b.first = max_timestamp;
    std::swap(spread_, b.entries);
    for (auto& e : spread_) {
      const auto at = position(e.when);
      place(at, std::move(e));
    }
    if (!std::is_sorted(now_.begin(), now_.end(), goes_before)) // some have been loaded
      std::sort(now_.begin(), now_.end(), goes_before);
    spread_.clear();
    if (spread_.capacity() * sizeof(Entry) > kept_bytes)
      spread_.shrink_to_fit();
  }

  [[nodiscard]] static timestamp first_of(const std::vector<Entry>& entries) {
    auto first = max_timestamp;
    for (const auto& e : entries)
      first = std::min(first, e.when);
    return first;
  }

  static constexpr std::size_t kept_bytes = 256 * 1024; // of a bucket that has been spread

  std::array<bucket, 64> buckets_;
  std::uint64_t occupied_ = 0; // bit i: bucket i has entries
  std::uint64_t base_ = 0;     // the position of the last time gone on to
  std::vector<Entry> now_;     // the entries of that time
  std::size_t taken_ = 0;      // of `now_`
  std::vector<Entry> early_;   // before that time, as a heap
  std::vector<Entry> spread_;  // empty; its memory goes from bucket to bucket
  std::size_t size_ = 0;
};

} // namespace leat
