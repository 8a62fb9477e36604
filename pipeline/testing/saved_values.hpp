#pragma once

#include <leat/base/encoding.hpp>
#include <leat/operators/keyed_context.hpp>
#include <leat/operators/state/list_state.hpp>
#include <leat/operators/state/map_state.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/operators/state/window_state.hpp>

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// From the bytes that steps save to values that a test compares.
namespace leat::testing {

/// The bytes of a key. Text is saved as a string, whatever a test writes it as.
template <class Key>
std::string saved_key(const Key& key) {
  if constexpr (std::convertible_to<const Key&, std::string_view>)
    return encoded(std::string{std::string_view{key}});
  else
    return encoded(key);
}

/// What a test reads of one state of a key: how `State` is saved. Any other type is read as it is, such as a value of
/// broadcast state.
template <class State>
struct saved_value {
  using type = std::optional<State>;
  static type of(std::string_view bytes, timestamp) { return decoded<State>(bytes); }
};

/// Of reducing states too; an aggregating state keeps its accumulator.
template <class V>
struct saved_value<value_state<V>> {
  using type = std::optional<V>;
  static type of(std::string_view bytes, timestamp now) {
    auto slot = decoded<value_slot<V>>(bytes);
    return slot.held && slot.held->alive(now) ? type{std::move(slot.held->value)} : std::nullopt;
  }
};

template <class V>
struct saved_value<list_state<V>> {
  using type = std::vector<V>;
  static type of(std::string_view bytes, timestamp now) {
    type all;
    for (auto& item : decoded<list_slot<V>>(bytes).items)
      if (item.alive(now))
        all.push_back(std::move(item.value));
    return all;
  }
};

template <class K, class V>
struct saved_value<map_state<K, V>> {
  using type = std::map<K, V>;
  static type of(std::string_view bytes, timestamp now) {
    type all;
    for (auto& [key, held] : decoded<map_slot<K, V>>(bytes).entries)
      if (held.alive(now))
        all.emplace(key, std::move(held.value));
    return all;
  }
};

template <class V>
struct saved_value<window_state<V>> {
  using type = std::map<time_window, V>;
  static type of(std::string_view bytes, timestamp) {
    type all;
    for (auto& e : decoded<window_slot<V>>(bytes).entries)
      all.emplace(e.window, std::move(e.value));
    return all;
  }
};

/// A timer that waits.
template <class Key>
struct pending_timer {
  timestamp when{};
  Key key{};
  time_domain domain = time_domain::event;

  friend bool operator==(const pending_timer&, const pending_timer&) = default;
};

} // namespace leat::testing
