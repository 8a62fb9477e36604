#pragma once

#include <leat/operators/state/state_handle.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <utility>

namespace leat {

template <class K, class V>
class map_state;

/// The slot of a `map_state`.
template <class K, class V>
struct map_slot {
  using state = map_state<K, V>;
  using encoded_as = boost::unordered_flat_map<K, expiring<V>>;
  encoded_as entries;
  BOOST_DESCRIBE_CLASS(map_slot, (), (entries), (), ())

  [[nodiscard]] bool empty() const noexcept { return entries.empty(); }
  expiry expire(timestamp now) {
    expiry of_all;
    of_all.dropped = boost::unordered::erase_if(entries, [now](const auto& e) { return !e.second.alive(now); }) != 0;
    for (const auto& [key, held] : entries)
      of_all.next = std::min(of_all.next, held.expires);
    return of_all;
  }
};

/// A map per key. Each entry expires by itself. `K` needs `boost::hash` or `std::hash`.
template <class K, class V>
class map_state : public state_handle<map_slot<K, V>> {
public:
  using state_handle<map_slot<K, V>>::state_handle;

  /// The value at `key`; null when there is none. Valid until the state is written or the record is done.
  [[nodiscard]] const V* get(const K& key) const {
    auto* const at = this->find();
    if (!at)
      return nullptr;
    const auto found = at->entries.find(key);
    if (found == at->entries.end() || !found->second.alive(this->now()))
      return nullptr;
    if (this->ttl().on_read())
      found->second.expires = this->expiry();
    return &found->second.value;
  }

  [[nodiscard]] bool contains(const K& key) const { return get(key) != nullptr; }

  /// The value at `key` to change in place, made by default when there is none. Counts as a write.
  V& edit(const K& key) {
    auto& held = this->slot().entries[key];
    if (!held.alive(this->now()))
      held.value = V{};
    held.expires = this->expiry();
    return held.value;
  }

  void set(const K& key, V value) { edit(key) = std::move(value); }

  void erase(const K& key) {
    if (auto* const at = this->find(); at && at->entries.erase(key) != 0)
      this->note_cleared();
  }

  /// Calls `visit(const K&, const V&)` for each entry, in no order. `visit` must not write the state.
  template <class Visit>
  void for_each(Visit&& visit) const {
    auto* const at = this->find();
    if (!at)
      return;
    const auto now = this->now();
    const bool refresh = this->ttl().on_read() && !at->entries.empty();
    const auto expires = refresh ? this->expiry() : max_timestamp;
    for (auto& [key, held] : at->entries) {
      if (!held.alive(now))
        continue;
      if (refresh)
        held.expires = expires;
      visit(key, std::as_const(held.value));
    }
  }

  /// Whether there is no entry.
  [[nodiscard]] bool empty() const {
    bool none = true;
    for_each([&none](const K&, const V&) { none = false; });
    return none;
  }

  void clear() {
    if (auto* const at = this->find()) {
      at->entries.clear();
      this->note_cleared();
    }
  }
};

} // namespace leat
