#pragma once

#include <leat/operators/state/state_handle.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace leat {

template <class V>
class list_state;

/// The slot of a `list_state`.
template <class V>
struct list_slot {
  using state = list_state<V>;
  using encoded_as = std::vector<expiring<V>>;
  encoded_as items;
  BOOST_DESCRIBE_CLASS(list_slot, (), (items), (), ())

  [[nodiscard]] bool empty() const noexcept { return items.empty(); }
  expiry expire(timestamp now) {
    expiry of_all;
    of_all.dropped = std::erase_if(items, [now](const expiring<V>& i) { return !i.alive(now); }) != 0;
    for (const auto& i : items)
      of_all.next = std::min(of_all.next, i.expires);
    return of_all;
  }
};

/// The values of a list that have not expired, oldest first: a forward range of `const V&`.
template <class V>
class alive_values {
public:
  class iterator {
  public:
    using value_type = V;
    using difference_type = std::ptrdiff_t;
    using reference = const V&;
    using pointer = const V*;
    using iterator_category = std::forward_iterator_tag;

    iterator() = default;
    iterator(const expiring<V>* at, const expiring<V>* end, timestamp now) : at_{at}, end_{end}, now_{now} { skip(); }

    [[nodiscard]] const V& operator*() const noexcept { return at_->value; }
    [[nodiscard]] const V* operator->() const noexcept { return &at_->value; }
    iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.at_ == b.at_; }

  private:
    void skip() noexcept {
      while (at_ != end_ && !at_->alive(now_))
        ++at_;
    }

    const expiring<V>* at_ = nullptr;
    const expiring<V>* end_ = nullptr;
    timestamp now_{};
  };

  alive_values(const std::vector<expiring<V>>& items, timestamp now)
    : begin_{items.data(), items.data() + items.size(), now}, end_{
                                                                items.data() + items.size(), items.data() + items.size(),
                                                                now} {}

  [[nodiscard]] iterator begin() const noexcept { return begin_; }
  [[nodiscard]] iterator end() const noexcept { return end_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

private:
  iterator begin_;
  iterator end_;
};

/// A list of values per key. Each value expires by itself.
template <class V>
class list_state : public state_handle<list_slot<V>> {
public:
  using state_handle<list_slot<V>>::state_handle;

  void add(V value) { this->slot().items.push_back({std::move(value), this->expiry()}); }

  /// The values, oldest first. Valid until the state is written or the record is done.
  [[nodiscard]] alive_values<V> values() const {
    auto* const at = this->find();
    const auto now = this->now();
    auto& items = at ? at->items : nothing();
    if (this->ttl().on_read() && !items.empty()) {
      const auto expires = this->expiry();
      for (auto& i : items)
        if (i.alive(now))
          i.expires = expires;
    }
    return {items, now};
  }

  /// Whether there is no value.
  [[nodiscard]] bool empty() const { return values().empty(); }

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
