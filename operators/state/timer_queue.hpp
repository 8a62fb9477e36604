#pragma once

#include <leat/base/encoding.hpp>
#include <leat/base/time.hpp>
#include <leat/messages/saved_state.hpp>
#include <leat/operators/key_table.hpp>
#include <leat/operators/state/radix_heap.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

namespace leat {

/// Timers of the keys of one shard, in the order of their times; those of the same time in the order in which they were
/// set. A key has at most one timer at each time.
///
/// A `radix_heap`; a timer that is deleted stays in it until its time, or until most of the heap is dead.
/// Not thread-safe.
template <class Key>
class timer_queue {
public:
  struct timer {
    timestamp when;
    Key key;
    std::uint64_t hash; ///< of the key
  };

  /// Sets a timer, unless the key has one at that time.
  void set(timestamp when, const hashed_key<Key>& k) {
    const auto [at, added] = live_.try_emplace(id{when, k.key, k.hash}, next_number_);
    if (!added)
      return;
    heap_.push({when, next_number_++, k.hash, k.key});
    latest_ = std::max(latest_, when);
  }

  /// Deletes the key's timer at that time, if there is one.
  void erase(timestamp when, const hashed_key<Key>& k) {
    live_.erase(id{when, k.key, k.hash});
    if (heap_.size() > 64 && heap_.size() > 2 * live_.size())
      compact();
    if (live_.empty())
      latest_ = min_timestamp;
  }

  [[nodiscard]] bool empty() const noexcept { return live_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return live_.size(); }

  /// When the next timer is due; `max_timestamp` when there is none. May be early: the time of one that was deleted.
  [[nodiscard]] timestamp next() const noexcept { return heap_.next(); }

  /// No timer is later than this; `min_timestamp` when there is none. Deleted ones may still count.
  [[nodiscard]] timestamp latest() const noexcept { return latest_; }

  /// Takes the next timer that is due at `now` into `out`. @returns false when there is none.
  bool pop(timestamp now, timer& out) {
    while (!heap_.empty() && heap_.next() <= now) {
      auto first = heap_.pop();
      const auto found = live_.find(id{first.when, first.key, first.hash});
      if (found == live_.end() || found->second != first.number)
        continue;
      live_.erase(found);
      if (live_.empty())
        latest_ = min_timestamp;
      out = {first.when, std::move(first.key), first.hash};
      return true;
    }
    return false;
  }

  /// Writes all timers as entries of `state`: when and whose as key, the number that orders those of one time as value.
  void save(std::string_view state, state_writer& to) const {
    for (const auto& [timer, number] : live_)
      to.put({state, encoded(std::tie(timer.when, timer.key)), encoded(number), state_owner::key, timer.hash});
  }

  /// Takes back a timer.
  void load(const state_entry& entry) {
    auto [when, key] = decoded<std::pair<timestamp, Key>>(entry.key);
    const auto number = decoded<std::uint64_t>(entry.value);
    const auto hash = key_hash(key);
    if (!live_.try_emplace(id{when, key, hash}, number).second)
      return;
    heap_.push({when, number, hash, std::move(key)});
    latest_ = std::max(latest_, when);
    next_number_ = std::max(next_number_, number + 1);
  }

private:
  struct id {
    timestamp when;
    Key key;
    std::uint64_t hash;
    bool operator==(const id& other) const { return when == other.when && key == other.key; }
  };
  struct id_hash {
    std::size_t operator()(const id& i) const noexcept {
      return i.hash ^ (static_cast<std::uint64_t>(to_millis(i.when)) * 0x9E3779B97F4A7C15U);
    }
  };
  struct entry {
    timestamp when;
    std::uint64_t number;
    std::uint64_t hash;
    Key key;
  };

  void compact() {
    heap_.erase_if([this](const entry& e) {
      const auto found = live_.find(id{e.when, e.key, e.hash});
      return found == live_.end() || found->second != e.number;
    });
  }

  radix_heap<entry> heap_;
  boost::unordered_flat_map<id, std::uint64_t, id_hash> live_; // to the number of the heap's entry
  std::uint64_t next_number_ = 0;
  timestamp latest_ = min_timestamp;
};

} // namespace leat
