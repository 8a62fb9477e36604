#pragma once

#include <leat/operators/state/state_handle.hpp>

#include <optional>
#include <utility>

namespace leat {

template <class V>
class value_state;

/// The slot of a `value_state`.
template <class V>
struct value_slot {
  using state = value_state<V>;
  using encoded_as = std::optional<expiring<V>>;
  encoded_as held;
  BOOST_DESCRIBE_CLASS(value_slot, (), (held), (), ())

  [[nodiscard]] bool empty() const noexcept { return !held; }
  expiry expire(timestamp now) {
    const bool over = held && !held->alive(now);
    if (over)
      held.reset();
    return {held ? held->expires : max_timestamp, over};
  }
};

/// One value per key.
template <class V>
class value_state : public state_handle<value_slot<V>> {
public:
  using state_handle<value_slot<V>>::state_handle;

  /// The value; null when there is none. Valid until the state is written or the record is done.
  [[nodiscard]] const V* get() const {
    auto* const at = this->find();
    if (!at || !at->held || !at->held->alive(this->now()))
      return nullptr;
    if (this->ttl().on_read())
      at->held->expires = this->expiry();
    return &at->held->value;
  }

  /// The value to change in place, made by default when there is none. Counts as a write.
  V& edit() {
    auto& at = this->slot();
    if (!at.held || !at.held->alive(this->now()))
      at.held.emplace();
    at.held->expires = this->expiry();
    return at.held->value;
  }

  void set(V value) { edit() = std::move(value); }

  void clear() {
    if (auto* const at = this->find()) {
      at->held.reset();
      this->note_cleared();
    }
  }
};

} // namespace leat
