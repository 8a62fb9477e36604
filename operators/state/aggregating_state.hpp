#pragma once

#include <leat/operators/mistake.hpp>
#include <leat/operators/state/value_state.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace leat {

/// One value per key, `function(older, newer)` of all that were added.
template <class V, class Function>
class reducing_state : public value_state<V> {
public:
  explicit reducing_state(Function function, state_ttl ttl = {}) : value_state<V>{ttl}, function_{std::move(function)} {}

  void add(const V& value) {
    if (const auto* const old = this->get())
      this->set(std::invoke(function_, *old, value));
    else
      this->set(value);
  }

private:
  using value_state<V>::edit;

  Function function_;
};

/// An accumulator per key to which records of type `T` are added: `Aggregate` is one of the aggregates of windows, such as
/// `sum(&T::amount)`, or has their shape.
template <class T, class Aggregate>
class aggregating_state : public state_handle<value_slot<typename Aggregate::template accumulator<T>>> {
  using accumulator = typename Aggregate::template accumulator<T>;
  using base = state_handle<value_slot<accumulator>>;

public:
  explicit aggregating_state(Aggregate aggregate, state_ttl ttl = {}) : base{ttl}, aggregate_{std::move(aggregate)} {}

  /// What is wrong with the aggregate, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const { return mistake_of(aggregate_); }

  void add(const T& record) {
    auto& held = this->slot().held;
    if (!held || !held->alive(this->now()))
      held.emplace();
    held->expires = this->expiry();
    aggregate_.add(held->value, record);
  }

  /// The aggregate of what was added; none when nothing was.
  [[nodiscard]] auto get() const {
    using result = decltype(aggregate_.result(std::declval<const accumulator&>()));
    auto* const at = this->find();
    if (!at || !at->held || !at->held->alive(this->now()))
      return std::optional<result>{};
    if (this->ttl().on_read())
      at->held->expires = this->expiry();
    return std::optional<result>{aggregate_.result(at->held->value)};
  }

  void clear() {
    if (auto* const at = this->find()) {
      at->held.reset();
      this->note_cleared();
    }
  }

private:
  Aggregate aggregate_;
};

template <class T, class Aggregate>
void state_registry::add(std::string_view name, aggregating_state<T, Aggregate>& state) {
  check(name, state.mistake());
  add(name, static_cast<state_handle<value_slot<typename Aggregate::template accumulator<T>>>&>(state));
}

} // namespace leat
