#pragma once

#include <leat/operators/state/state_handle.hpp>

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

namespace leat {

/// The slot of a `list_state`.
template <class V>
struct list_slot {
  std::vector<expiring<V>> items;

  [[nodiscard]] bool empty() const noexcept { return items.empty(); }
  timestamp expire(timestamp now) {
    std::erase_if(items, [now](const expiring<V>& i) { return !i.alive(now); });
    auto next = max_timestamp;
    for (const auto& i : items)
      next = std::min(next, i.expires);
    return next;
  }
};

/// A list of values per key. Each value expires by itself.
template <class V>
class list_state : public state_handle<list_slot<V>> {
public:
  using state_handle<list_slot<V>>::state_handle;

  void add(V value) { this->slot().items.push_back({std::move(value), this->expiry()}); }

  /// The values, oldest first: a range of `const V&`. Valid until the state is written or the record is done.
  [[nodiscard]] auto values() const {
    auto* const at = this->find();
    const auto now = this->now();
    auto& items = at ? at->items : nothing();
    if (this->ttl().on_read() && !items.empty()) {
      const auto expires = this->expiry();
      for (auto& i : items)
        if (i.alive(now))
          i.expires = expires;
    }
    return std::as_const(items) | std::views::filter([now](const expiring<V>& i) { return i.alive(now); }) |
           std::views::transform([](const expiring<V>& i) -> const V& { return i.value; });
  }

  /// Whether there is no value.
  [[nodiscard]] bool empty() const { return std::ranges::empty(values()); }

  /// Puts `values` in the place of all there are.
  void replace(const std::vector<V>& values) {
    clear();
    for (const auto& v : values)
      add(v);
  }

  void clear() {
    if (auto* const at = this->find()) {
      at->items.clear();
      this->note_cleared();
    }
  }

private:
  static std::vector<expiring<V>>& nothing() {
    static std::vector<expiring<V>> none; // never written: shared by all that have no row
    return none;
  }
};

} // namespace leat
