#pragma once

#include <leat/base/described_struct.hpp>
#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/error.hpp>
#include <leat/operators/state/broadcast_state.hpp>
#include <leat/operators/state/keyed_rows.hpp>
#include <leat/operators/state/state_layout.hpp>
#include <leat/operators/state/state_ttl.hpp>
#include <leat/operators/step.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace leat {

class state_registry;
class window_scope;

template <class V>
class window_state;

template <class T, class Aggregate>
class aggregating_state;

/// What all state handles are: the place of one state in the row of whatever key is being worked on.
///
/// A handle is a member of a user's function. It is bound in `open`, once per actor, and from then on speaks of the state of
/// the key whose record, or timer, is being worked on.
template <class Slot>
class state_handle {
public:
  explicit state_handle(state_ttl ttl = {}) : ttl_{ttl} {}

protected:
  /// The slot for reading; null when the key has no state at all.
  [[nodiscard]] Slot* find() const { return cursor().template find<Slot>(place_); }
  /// The slot for writing.
  [[nodiscard]] Slot& slot() const { return cursor().template at<Slot>(place_); }

  [[nodiscard]] timestamp now() const { return cursor().now(); }
  [[nodiscard]] const state_ttl& ttl() const noexcept { return ttl_; }

  /// A value has been written now, or read where that counts as use. @returns when it expires.
  timestamp expiry() const {
    const auto when = ttl_.from(now());
    cursor().expires(place_, when);
    return when;
  }

  void note_cleared() const { cursor().note_cleared(place_); }

private:
  friend class state_registry;

  [[nodiscard]] state_cursor& cursor() const {
    if (!cursor_)
      throw pipeline_error{"a state was used that no step keeps: name it in the function's open(state_registry& r), as "
                           "r.add(\"name\", state)"};
    return *cursor_;
  }

  state_cursor* cursor_ = nullptr;
  slot_place place_;
  state_ttl ttl_;
};

/// Where a function names its states, in `open`: the names identify them in saved state.
class state_registry : public broadcast_registry {
public:
  /// @param broadcast see `broadcast_registry`.
  state_registry(const step_context& step, state_layout& layout, state_cursor& cursor, broadcast_states& broadcast)
    : broadcast_registry{step, broadcast}, layout_{&layout}, cursor_{&cursor} {}

  /// The registry of a function of windows: its states may belong to a window as well.
  state_registry(const state_registry& of, window_scope& windows) : state_registry{of} { windows_ = &windows; }

  /// @throws pipeline_error for a name that the function has given before.
  template <class K, class V>
  void add(std::string_view name, broadcast_state<K, V>& state) {
    if (layout_->find(name))
      throw two_states(name);
    broadcast_registry::add(name, state);
  }

  /// @throws pipeline_error for a name that the function has given before, and for a time to live that is not above 0.
  template <class Slot>
  void add(std::string_view name, state_handle<Slot>& handle) {
    check_name(name);
    check(name, handle.ttl().mistake());
    if (layout_->find(name) || broadcast().contains(name))
      throw two_states(name);
    add_own(name, handle);
  }

  /// A state of one of Leat's own functions, beside those of a user's: its name begins with "leat.".
  template <class Slot>
  void add_own(std::string_view name, state_handle<Slot>& handle) {
    handle.place_ = layout_->add<Slot>(name, handle.ttl().ends());
    handle.cursor_ = cursor_;
  }

  /// @throws pipeline_error for a name that the function has given before, and where there is no window to keep it for, or
  ///         windows merge.
  template <class V>
  void add(std::string_view name, window_state<V>& state);

  /// @throws pipeline_error for a name that the function has given before, and for an aggregate or a time to live that cannot
  ///         be used.
  template <class T, class Aggregate>
  void add(std::string_view name, aggregating_state<T, Aggregate>& state);

private:
  void check(std::string_view state, const std::string& mistake) const {
    if (!mistake.empty())
      throw pipeline_error{"step '" + step_name() + "', state '" + std::string{state} + "': " + mistake};
  }

  state_layout* const layout_;
  state_cursor* const cursor_;
  window_scope* windows_ = nullptr;
};

/// A value that expires.
template <class V>
struct expiring {
  using encoded_as = value_until<V>;
  V value{};
  timestamp expires = max_timestamp;
  BOOST_DESCRIBE_CLASS(expiring, (), (value, expires), (), ())

  [[nodiscard]] bool alive(timestamp now) const noexcept { return now < expires; }
};

} // namespace leat
