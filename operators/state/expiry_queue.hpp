#pragma once

#include <leat/base/time.hpp>
#include <leat/operators/key_table.hpp>
#include <leat/operators/state/radix_heap.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace leat {

/// When the rows of which keys are to be looked at, as something in them expires: one time for each key at most.
///
/// A `radix_heap`; a time that no longer holds stays in it until it comes, or until most of the heap is dead. Not thread-safe.
template <class Key>
class expiry_queue {
public:
  struct entry {
    timestamp when;
    std::uint64_t number;
    std::uint64_t hash; ///< of the key
    Key key;
  };

  /// The key is to be looked at by `when`.
  void watch(timestamp when, const hashed_key<Key>& k) {
    auto& of_key = times_[k];
    if (when >= of_key.when)
      return; // it is looked at before that, and then again
    of_key = {when, next_number_};
    heap_.push({when, next_number_++, k.hash, k.key});
    compact();
  }

  /// When the key is looked at; `max_timestamp`: not at all.
  [[nodiscard]] timestamp of(const hashed_key<Key>& k) const {
    const auto* const found = times_.empty() ? nullptr : times_.find(k);
    return found ? found->when : max_timestamp;
  }

  void erase(const hashed_key<Key>& k) {
    times_.erase(k);
    compact();
  }

  /// How many keys have a time.
  [[nodiscard]] std::size_t size() const noexcept { return times_.size(); }

  /// When the next key is due; `max_timestamp` when there is none. May be early: a time that no longer holds.
  [[nodiscard]] timestamp next() const noexcept { return heap_.next(); }

  /// Takes the next key that is due at `now` into `out`. @returns false when there is none.
  bool pop(timestamp now, entry& out) {
    while (!heap_.empty() && heap_.next() <= now) {
      auto first = heap_.pop();
      if (!holds(first))
        continue;
      times_.erase({first.key, first.hash});
      out = std::move(first);
      return true;
    }
    return false;
  }

private:
  struct time {
    timestamp when = max_timestamp;
    std::uint64_t number = 0; // of the heap's entry
  };

  [[nodiscard]] bool holds(const entry& e) const {
    const auto* const found = times_.find({e.key, e.hash});
    return found && found->number == e.number;
  }

  void compact() {
    if (heap_.size() > 64 && heap_.size() > 2 * times_.size())
      heap_.erase_if([this](const entry& e) { return !holds(e); });
  }

  radix_heap<entry> heap_;
  key_table<Key, time> times_;
  std::uint64_t next_number_ = 0;
};

} // namespace leat
