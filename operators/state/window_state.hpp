#pragma once

#include <leat/operators/state/state_handle.hpp>
#include <leat/operators/window_spec.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// The window that a function is working on, and the states that the function keeps for each.
class window_scope {
public:
  /// @param merging whether windows of a key may become one.
  explicit window_scope(bool merging) : merging_{merging} {}

  /// Takes a state. @param forget drops what it holds for the present key and window.
  /// @throws pipeline_error when windows merge: nobody could say what becomes of the states of two.
  void add(std::string_view step, std::string_view state, std::function<void()> forget) {
    if (merging_)
      throw pipeline_error{
        "step '" + std::string{step} + "' keeps state \"" + std::string{state} +
        "\" for each window, but its windows merge: keep it for the key, in a value_state, or use windows that do not "
        "merge, such as tumbling(…)"};
    forget_.push_back(std::move(forget));
  }

  /// Turns to a window, which has to stay alive until `leave`.
  void enter(const time_window& w) noexcept { now_ = &w; }
  void leave() noexcept { now_ = nullptr; }

  /// Null when the function is not working on a window.
  [[nodiscard]] const time_window* now() const noexcept { return now_; }

  /// Drops what all states hold for the present key and window.
  void forget() const {
    for (const auto& forget_one : forget_)
      forget_one();
  }

private:
  bool merging_;
  const time_window* now_ = nullptr;
  std::vector<std::function<void()>> forget_;
};

/// The slot of a `window_state`: the values of a key's windows.
template <class V>
struct window_slot {
  using state = window_state<V>;
  struct entry {
    time_window window;
    V value{};
    BOOST_DESCRIBE_CLASS(entry, (), (window, value), (), ())
  };
  using encoded_as = std::vector<entry>;
  encoded_as entries;
  BOOST_DESCRIBE_CLASS(window_slot, (), (entries), (), ())

  [[nodiscard]] bool empty() const noexcept { return entries.empty(); }
  expiry expire(timestamp) const noexcept { return {}; }

  [[nodiscard]] V* find(const time_window& w) noexcept {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const entry& e) { return e.window == w; });
    return found == entries.end() ? nullptr : &found->value;
  }
};

/// One value per key and window, for a function of windows: see `window_function`. Gone when the window is. Windows that
/// merge, such as sessions, cannot have it.
template <class V>
class window_state : public state_handle<window_slot<V>> {
public:
  /// The value; null when there is none. Valid until the state is written or the window is done.
  [[nodiscard]] const V* get() const {
    const auto& w = window();
    auto* const at = this->find();
    return at ? at->find(w) : nullptr;
  }

  /// The value to change in place, made by default when there is none.
  V& edit() {
    const auto& w = window();
    auto& at = this->slot();
    if (auto* const there = at.find(w))
      return *there;
    return at.entries.emplace_back(typename window_slot<V>::entry{w}).value;
  }

  void set(V value) { edit() = std::move(value); }

  void clear() {
    const auto& w = window();
    if (auto* const at = this->find()) {
      std::erase_if(at->entries, [&](const auto& e) { return e.window == w; });
      this->note_cleared();
    }
  }

private:
  friend class state_registry;

  [[nodiscard]] const time_window& window() const {
    if (!scope_ || !scope_->now())
      throw pipeline_error{"a window_state was used outside of a window: it has to be named in the function's "
                           "open(state_registry& r), as r.add(\"name\", state), and speaks of the window that process or "
                           "clear was called for"};
    return *scope_->now();
  }

  const window_scope* scope_ = nullptr;
};

template <class V>
void state_registry::add(std::string_view name, window_state<V>& state) {
  if (!windows_)
    throw pipeline_error{
      "step '" + step_name() + "' keeps state \"" + std::string{name} +
      "\" for each window, but has no windows: write .window(…) before .process(…), or use a value_state"};
  windows_->add(step_name(), name, [&state] { state.clear(); });
  add(name, static_cast<state_handle<window_slot<V>>&>(state));
  state.scope_ = windows_;
}

} // namespace leat
