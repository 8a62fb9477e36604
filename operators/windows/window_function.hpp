#pragma once

#include <leat/operators/keyed_context.hpp>
#include <leat/operators/state/window_state.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace leat {

/// What a function of windows learns about the window it is called with, and where it emits to side outputs.
template <class Key>
class window_context {
public:
  /// @param time event time of what the window emits.
  window_context(keyed_context<Key>& of_key, const time_window& window, timestamp time)
    : of_key_{&of_key}, window_{&window}, time_{time} {}

  [[nodiscard]] const Key& key() const noexcept { return of_key_->key(); }
  [[nodiscard]] const time_window& window() const noexcept { return *window_; }

  /// The watermark that has come: when it makes the window emit, it has reached the window's last millisecond.
  [[nodiscard]] timestamp watermark() const noexcept { return of_key_->watermark(); }

  /// The wall clock, as of when the actor began what it is doing.
  [[nodiscard]] timestamp processing_time() const noexcept { return of_key_->processing_time(); }

  /// Emits to a side output, with the event time of what the window emits.
  template <class S>
  void emit(const side_output<S>& to, const std::type_identity_t<S>& record) {
    of_key_->emit_at(to, record, time_);
  }

private:
  keyed_context<Key>* of_key_;
  const time_window* window_;
  timestamp time_;
};

namespace detail {

template <class Function, class Key, class What, class Out>
inline constexpr bool takes_window =
  std::is_invocable_v<Function&, const Key&, const time_window&, const What&, collector<Out>&>;

template <class Function, class Key, class What, class Out>
inline constexpr bool takes_window_context =
  std::is_invocable_v<Function&, const What&, window_context<Key>&, collector<Out>&>;

template <class Function, class Key, class What, class Out>
inline constexpr bool
  processes_window = requires(Function& f, const What& what, window_context<Key>& context, collector<Out>& out) {
  f.process(what, context, out);
};

} // namespace detail

/// A function over what a window holds when it emits: its records, or the row that they were aggregated to. A callable
///
///     void (const Key&, const time_window&, const What&, collector<Out>&)
///     void (const What&, window_context<Key>&, collector<Out>&)
///
/// or a class that may have states of a key, and of a key and window (`window_state`):
///
///     void open(state_registry& states)                                            names its states; may be missing
///     void process(const What&, window_context<Key>&, collector<Out>&)             each time a window emits
///     void clear(window_context<Key>&)                                             a window is dropped; may be missing
template <class Function, class Key, class What, class Out>
concept window_function = detail::takes_window<Function, Key, What, Out> ||
  detail::takes_window_context<Function, Key, What, Out> || detail::processes_window<Function, Key, What, Out>;

/// Calls a `window_function`, in whichever form it comes.
template <class Key, class Function>
class window_caller {
public:
  explicit window_caller(Function function) : function_{std::move(function)} {}

  /// @param merging whether windows of a key may become one.
  void open(state_registry& states, bool merging) {
    scope_ = window_scope{merging};
    if constexpr (requires { function_.open(states); }) {
      state_registry with_windows{states, scope_};
      function_.open(with_windows);
    }
  }

  template <class What, class Out>
  void call(const What& what, keyed_context<Key>& of_key, const time_window& w, timestamp time, collector<Out>& out) {
    out.set_time(time);
    if constexpr (detail::takes_window<Function, Key, What, Out>) {
      std::invoke(function_, of_key.key(), w, what, out);
    } else {
      in_window(of_key, w, time, [&](window_context<Key>& context) {
        if constexpr (detail::processes_window<Function, Key, What, Out>)
          function_.process(what, context, out);
        else
          std::invoke(function_, what, context, out);
      });
    }
  }

  /// The window is gone, and its states with it.
  void drop(keyed_context<Key>& of_key, const time_window& w) {
    in_window(of_key, w, w.last(), [&](window_context<Key>& context) {
      if constexpr (requires { function_.clear(context); })
        function_.clear(context);
      scope_.forget();
    });
  }

private:
  template <class Call>
  void in_window(keyed_context<Key>& of_key, const time_window& w, timestamp time, Call&& call_with) {
    window_context<Key> context{of_key, w, time};
    scope_.enter(w);
    call_with(context);
    scope_.leave();
  }

  Function function_;
  window_scope scope_{false};
};

} // namespace leat
