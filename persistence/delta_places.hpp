#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace leat {

/// Where the entries of one group stand in its deltas: a hash table of the newest entry of each hash, and from each the way to the
/// older ones. Entries come newest last and go oldest first. Not thread-safe.
class delta_places {
public:
  struct place {
    std::uint32_t hash;   // of state and key
    std::uint32_t older;  // so many places before this one is the next entry of this hash; 0, or behind the oldest: none
    std::uint32_t offset; // in the bytes of its delta: where its key begins, with its length
    std::uint16_t state;  // its number
    bool removed;
  };

  /// @param gone how many have gone before the first.
  explicit delta_places(std::uint32_t gone) noexcept : first_{gone} {}
  delta_places() = default;

  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }

  void add(std::uint32_t hash, std::uint32_t offset, std::uint16_t state, bool removed) {
    const auto number = first_ + static_cast<std::uint32_t>(places_.size());
    const auto [newest, fresh] = newest_.try_emplace(hash, number);
    places_.push_back({hash, fresh ? 0 : number - newest->second, offset, state, removed});
    newest->second = number;
  }

  void remove_oldest(std::size_t count) {
    hidden_ -= std::min(hidden_, count);
    for (; count != 0; --count, ++first_, places_.pop_front())
      if (const auto newest = newest_.find(places_.front().hash); newest->second == first_)
        newest_.erase(newest);
  }

  /// The oldest `count` of those there are now are found no more.
  void hide_oldest(std::size_t count) noexcept { hidden_ = count; }

  /// The newest of this hash for which `is_it(place, index)` holds, the index counted from the oldest; null when there is none.
  template <class Predicate>
  [[nodiscard]] const place* find(std::uint32_t hash, Predicate&& is_it) const {
    const auto newest = newest_.find(hash);
    if (newest == newest_.end())
      return nullptr;
    for (std::size_t index = newest->second - first_; index >= hidden_; index -= places_[index].older) {
      const auto& p = places_[index];
      if (is_it(p, index))
        return &p;
      if (p.older == 0 || p.older > index)
        return nullptr;
    }
    return nullptr;
  }

private:
  std::deque<place> places_;
  std::size_t hidden_ = 0;  // of the oldest
  std::uint32_t first_ = 0; // how many have gone before the oldest; wraps
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> newest_;
};

} // namespace leat
