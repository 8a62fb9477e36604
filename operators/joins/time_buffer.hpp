#pragma once

#include <leat/base/encoding.hpp>
#include <leat/base/time.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// Records of one key in the order of their times, those of one time in the order in which they came. `Entry` has a
/// `timestamp time`. Adding at the end and dropping at the front are cheap: that is what a stream nearly always asks for. One
/// that comes before n others moves them: dear for a key with tens of thousands that wait, read from partitions of which one
/// is behind.
template <class Entry>
class time_buffer {
public:
  [[nodiscard]] bool empty() const noexcept { return begin_ == entries_.size(); }

  void add(Entry e) {
    if (empty() || entries_.back().time <= e.time) {
      entries_.push_back(std::move(e));
      return;
    }
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(first_after(e.time)), std::move(e));
  }

  [[nodiscard]] std::span<Entry> all() noexcept { return std::span{entries_}.subspan(begin_); }

  /// The entries from time `from` up to and including `to`.
  [[nodiscard]] std::span<Entry> between(timestamp from, timestamp to) noexcept {
    const auto first = first_at(from);
    const auto end = std::max(first, first_after(to));
    return std::span{entries_}.subspan(first, end - first);
  }

  /// The last entry up to and including `time`; null when there is none.
  [[nodiscard]] const Entry* last_until(timestamp time) const noexcept {
    const auto end = first_after(time);
    return end == begin_ ? nullptr : &entries_[end - 1];
  }

  /// Drops the entries up to and including `time`.
  void drop_until(timestamp time) { drop(first_after(time)); }

  /// Drops the entries before the last one up to and including `time`.
  void keep_last_until(timestamp time) {
    if (const auto end = first_after(time); end > begin_ + 1)
      drop(end - 1);
  }

  // See `encoding.hpp` and `encoded_type_of.hpp`.
  using encoded_as = std::vector<Entry>;
  void encode(byte_writer& to) const {
    to.unsigned_number(entries_.size() - begin_);
    for (auto i = live(); i != entries_.end(); ++i)
      leat::encode(to, *i);
  }
  void decode(byte_reader& from) {
    leat::decode(from, entries_);
    begin_ = 0;
  }

private:
  [[nodiscard]] std::size_t first_at(timestamp time) const noexcept {
    return index_of(std::lower_bound(live(), entries_.end(), time, [](const Entry& e, timestamp t) { return e.time < t; }));
  }
  [[nodiscard]] std::size_t first_after(timestamp time) const noexcept {
    return index_of(std::upper_bound(live(), entries_.end(), time, [](timestamp t, const Entry& e) { return t < e.time; }));
  }

  using iterator = typename std::vector<Entry>::const_iterator;
  [[nodiscard]] iterator live() const noexcept { return entries_.begin() + static_cast<std::ptrdiff_t>(begin_); }
  [[nodiscard]] std::size_t index_of(iterator i) const noexcept { return static_cast<std::size_t>(i - entries_.begin()); }

  /// Forgets those before index `end`: at once when they are the larger part, so that no entry is moved often.
  void drop(std::size_t end) {
    begin_ = end;
    if (begin_ * 2 < entries_.size())
      return;
    entries_.erase(entries_.begin(), live());
    begin_ = 0;
  }

  std::vector<Entry> entries_;
  std::size_t begin_ = 0; // those before it are dropped
};

} // namespace leat
