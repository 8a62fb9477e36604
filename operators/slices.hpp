#pragma once

#include <leat/operators/key_table.hpp>
#include <leat/operators/window_spec.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat {

/// The state of a windowed aggregation: slice of time -> key -> accumulator.
///
/// Because windows are aligned in time, firing or dropping one is a pass over whole tables instead of a timer per key. The
/// tables of dropped slices are kept and filled again, so that a steady stream stops allocating.
///
/// With `Tracks`, for snapshots of what has changed, each slice has a list of its accumulators that were edited since the last one,
/// each once. Of a slice that is dropped the keys that were saved are removed one by one, unless fewer are left than that: then
/// everything that is left is said to be all there is. What was never saved leaves no trace.
///
/// Owned by one window step; not thread-safe.
template <class Key, class Accumulator, bool Tracks>
class slices {
  struct plain_row {
    Accumulator value{};
  };
  struct marked_row {
    Accumulator value{};
    bool changed = false; // since the last snapshot
    bool saved = false;
  };

public:
  using row = std::conditional_t<Tracks, marked_row, plain_row>;
  using table = key_table<Key, row>;

  struct slice {
    table rows;
    std::vector<std::uint64_t> changed; // hashes of the keys
    std::size_t saved = 0;              // how many rows were
  };

  /// The slice that starts at `start`, made when there is none. It stays where it is until it is dropped.
  slice& at(timestamp start) {
    auto found = slices_.find(start);
    if (found == slices_.end())
      found = slices_.emplace(start, spare()).first;
    return found->second;
  }

  /// The accumulator of a key, to be changed; made when there is none.
  Accumulator& edit(slice& in, const hashed_key<Key>& k) {
    auto& r = in.rows[k];
    if constexpr (Tracks)
      if (!r.changed) {
        r.changed = true;
        in.changed.push_back(k.hash);
      }
    return r.value;
  }

  /// The same for one that is taken back.
  Accumulator& load(timestamp start, const hashed_key<Key>& k) {
    auto& in = at(start);
    auto& r = in.rows[k];
    if constexpr (Tracks) {
      r.saved = true;
      ++in.saved;
    }
    return r.value;
  }

  [[nodiscard]] bool empty() const noexcept { return slices_.empty(); }
  [[nodiscard]] timestamp first() const { return slices_.begin()->first; }
  [[nodiscard]] timestamp last() const { return slices_.rbegin()->first; }

  /// The tables of the slices that start in [from, to), oldest first.
  void in(timestamp from, timestamp to, std::vector<const table*>& out) const {
    out.clear();
    for (auto i = slices_.lower_bound(from); i != slices_.end() && i->first < to; ++i)
      out.push_back(&i->second.rows);
  }

  /// Drops the slices that start before `t`.
  void drop_before(timestamp t) {
    while (!slices_.empty() && slices_.begin()->first < t) {
      const auto dropped = slices_.extract(slices_.begin());
      if constexpr (Tracks)
        note_dropped(dropped.key(), dropped.mapped());
      if (spare_.size() < max_spare)
        recycle(std::move(dropped.mapped()));
    }
  }

  /// Calls `visit(timestamp slice, const Key&, const Accumulator&)` for all that is kept, the oldest slice first.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [start, s] : slices_)
      for (const auto& [key, r] : s.rows)
        visit(start, key, r.value);
  }

  /// Calls `put(timestamp slice, const Key&, const Accumulator&)` for all that has changed since the last call, or was loaded
  /// since, and `remove(timestamp slice, const Key&)` for what is gone.
  /// @returns false when it was `put` for everything that is left, and nothing else is.
  template <class Put, class Remove>
  bool save_changes(Put&& put, Remove&& remove) {
    for (const auto& d : dropped_)
      for (const auto& key : d.keys)
        remove(d.start, key);
    for (auto& [start, s] : slices_) {
      if (replaces_)
        save_all(start, s, put);
      else
        save_changed(start, s, put);
      s.changed.clear();
      s.saved = s.rows.size();
    }
    dropped_.clear();
    dropped_keys_ = 0;
    return !std::exchange(replaces_, false);
  }

  /// Keys in all slices together: a key counts once for each slice it is in.
  [[nodiscard]] std::size_t entries() const noexcept {
    std::size_t sum = 0;
    for (const auto& [start, s] : slices_)
      sum += s.rows.size();
    return sum;
  }

private:
  static constexpr std::size_t max_spare = 2;

  struct dropped_slice {
    timestamp start;
    std::vector<Key> keys; // that were saved
  };

  slice spare() {
    if (spare_.empty())
      return {};
    auto s = std::move(spare_.back());
    spare_.pop_back();
    return s;
  }

  void recycle(slice&& s) {
    s.rows.clear();
    s.changed.clear();
    s.saved = 0;
    spare_.push_back(std::move(s));
  }

  /// Its saved keys are no more. When they are more than the other slices have, all of those are saved again instead.
  void note_dropped(timestamp start, const slice& s) {
    if (s.saved == 0 || replaces_)
      return;
    std::size_t left = 0;
    for (const auto& [other, kept] : slices_)
      left += kept.saved;
    dropped_keys_ += s.saved;
    if (dropped_keys_ > left) {
      replaces_ = true;
      dropped_.clear();
      return;
    }
    auto& d = dropped_.emplace_back(dropped_slice{start, {}});
    d.keys.reserve(s.saved);
    for (const auto& [key, r] : s.rows)
      if (r.saved)
        d.keys.push_back(key);
  }

  template <class Put>
  static void save_all(timestamp start, const slice& s, Put& put) {
    for (const auto& [key, r] : s.rows) {
      put(start, key, r.value);
      r.changed = false;
      r.saved = true;
    }
  }

  template <class Put>
  static void save_changed(timestamp start, const slice& s, Put& put) {
    for (const auto hash : s.changed) {
      const auto* const found =
        s.rows.find_if(hash, [hash](const auto& e) { return e.second.changed && key_hash(e.first) == hash; });
      put(start, found->first, found->second.value);
      found->second.changed = false;
      found->second.saved = true;
    }
  }

  std::map<timestamp, slice> slices_;
  std::vector<slice> spare_;
  std::vector<dropped_slice> dropped_; // since the last snapshot
  std::size_t dropped_keys_ = 0;       // that were saved
  bool replaces_ = false;              // the next snapshot says everything that is left
};

} // namespace leat
