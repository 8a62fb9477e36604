#pragma once

#include <leat/base/encoding.hpp>
#include <leat/base/time.hpp>
#include <leat/messages/saved_state.hpp>
#include <leat/operators/key_table.hpp>
#include <leat/operators/state/radix_heap.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat {

/// Timers of the keys of one shard, in the order of their times; those of the same time in the order in which they were
/// set. A key has at most one timer at each time.
///
/// A `radix_heap`; a timer that is deleted stays in it until its time, or until most of the heap is dead.
///
/// A timer has been saved if its number is below that of the last snapshot. So what has changed since are the timers that were
/// set, in a list from which those are cleared now and then that are no more, and those with lower numbers that are no more.
/// Not thread-safe.
template <class Key>
class timer_queue {
public:
  struct timer {
    timestamp when;
    Key key;
    std::uint64_t hash; ///< of the key
  };

  /// Before the first timer: `save_changes` will be called.
  void track_changes() noexcept { tracks_ = true; }

  /// Sets a timer, unless the key has one at that time.
  void set(timestamp when, const hashed_key<Key>& k) {
    const auto [at, added] = live_.emplace(id{when, k.key, k.hash}, next_number_);
    if (!added)
      return;
    if (tracks_)
      list_new({when, k.hash, next_number_});
    heap_.push({when, next_number_++, k.hash, k.key});
    latest_ = std::max(latest_, when);
  }

  /// Deletes the key's timer at that time, if there is one.
  void erase(timestamp when, const hashed_key<Key>& k) {
    if (const auto found = live_.find(id{when, k.key, k.hash}); found != live_.end())
      forget(found);
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
      if (found == live_.end() || found->number != first.number)
        continue;
      forget(found);
      if (live_.empty())
        latest_ = min_timestamp;
      out = {first.when, std::move(first.key), first.hash};
      return true;
    }
    return false;
  }

  /// Writes all timers as entries of `state`: when and whose as key, the number that orders those of one time as value.
  void save(std::string_view state, state_writer& to) const {
    for (const auto& t : live_)
      save(state, t, to);
  }

  /// The same of what has changed since the last call, or since timers were loaded.
  void save_changes(std::string_view state, state_writer& to) {
    for (const auto& t : gone_)
      to.remove({state, encoded(std::tie(t.when, t.key)), {}, state_owner::key, t.hash});
    for (const auto& t : new_)
      if (const auto found = live_.find(t); found != live_.end())
        save(state, *found, to);
    gone_.clear();
    new_.clear();
    saved_below_ = next_number_;
  }

  /// Takes back a timer; before the first is set.
  void load(const state_entry& entry) {
    auto [when, key] = decoded<std::pair<timestamp, Key>>(entry.key);
    const auto number = decoded<std::uint64_t>(entry.value);
    const auto hash = key_hash(key);
    if (!live_.emplace(id{when, key, hash}, number).second)
      return;
    heap_.push({when, number, hash, std::move(key)});
    latest_ = std::max(latest_, when);
    saved_below_ = next_number_ = std::max(next_number_, number + 1);
  }

private:
  struct id {
    timestamp when;
    const Key& key;
    std::uint64_t hash;
  };
  struct numbered {
    timestamp when;
    std::uint64_t hash;
    std::uint64_t number; // no two that are set have the same
  };
  struct live_timer {
    live_timer(const id& i, std::uint64_t n) : when{i.when}, key{i.key}, hash{i.hash}, number{n} {}

    timestamp when;
    Key key;
    std::uint64_t hash;
    std::uint64_t number; // of the heap's entry
  };
  struct hash_of {
    using is_transparent = void;
    template <class Timer>
    std::size_t operator()(const Timer& t) const noexcept {
      return t.hash ^ (static_cast<std::uint64_t>(to_millis(t.when)) * 0x9E3779B97F4A7C15U);
    }
  };
  struct equal {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      if constexpr (std::is_same_v<A, numbered> || std::is_same_v<B, numbered>)
        return a.when == b.when && a.number == b.number;
      else
        return a.when == b.when && a.key == b.key;
    }
  };
  struct entry {
    timestamp when;
    std::uint64_t number;
    std::uint64_t hash;
    Key key;
  };
  using live_set = boost::unordered_flat_set<live_timer, hash_of, equal>;

  static void save(std::string_view state, const live_timer& t, state_writer& to) {
    to.put({state, encoded(std::tie(t.when, t.key)), encoded(t.number), state_owner::key, t.hash});
  }

  void forget(typename live_set::iterator which) {
    if (tracks_ && which->number < saved_below_)
      gone_.push_back({which->when, which->key, which->hash});
    live_.erase(which);
  }

  void list_new(const numbered& t) {
    if (new_.size() >= most_new_) {
      std::erase_if(new_, [this](const numbered& n) { return !live_.contains(n); });
      most_new_ = std::max<std::size_t>(64, 2 * new_.size());
    }
    new_.push_back(t);
  }

  void compact() {
    heap_.erase_if([this](const entry& e) {
      const auto found = live_.find(id{e.when, e.key, e.hash});
      return found == live_.end() || found->number != e.number;
    });
  }

  radix_heap<entry> heap_;
  live_set live_;
  std::uint64_t next_number_ = 0;
  timestamp latest_ = min_timestamp;

  bool tracks_ = false;
  std::uint64_t saved_below_ = 0; // timers with lower numbers have been saved
  std::vector<numbered> new_;     // since then, also some that are no more
  std::size_t most_new_ = 64;     // when it is cleared of those
  std::vector<timer> gone_;       // that had been saved
};

} // namespace leat
