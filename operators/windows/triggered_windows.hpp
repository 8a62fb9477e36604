#pragma once

#include <leat/operators/keyed_process.hpp>
#include <leat/operators/side_output.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/operators/windows/triggers.hpp>
#include <leat/operators/windows/window_assigners.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat {

/// How long windows wait for late records, and where those go that are later.
template <class T>
struct lateness {
  duration allowed = duration::zero();
  std::optional<side_output<T>> late;

  /// @param c where side outputs are: a `keyed_context`.
  template <class Context>
  void emit_late(const T& record, Context& c) const {
    if (late)
      c.emit(*late, record);
  }

  [[nodiscard]] bool emits_to(std::string_view side_output) const { return late && late->name == side_output; }
};

/// Windows with their contents, triggers and lateness, key by key: what does not fit the shared slices of `window_step`. A
/// `keyed_process_function`.
///
/// A record is added to each of its windows that is not late, and the trigger is asked. A window is late when the watermark
/// has reached its last millisecond plus the allowed lateness; it is dropped then. A record all of whose windows are late
/// is counted in `late_records` and goes to the side output, or is dropped. Sessions merge with their contents and triggers
/// before lateness is looked at, so a late record that touches an open session joins it. What a window emits has its last
/// millisecond as event time; what a global window emits, the time of the record or timer that made it fire.
/// The rules are those of Flink's `WindowOperator`.
///
/// Without checkpoints, a session that a restart cuts in two may be sent again in part.
template <class T, class Key, class Windows, class Trigger, class Contents>
class triggered_windows {
  static_assert(
    !std::is_same_v<Trigger, never_trigger>,
    "window(…): nothing ever makes this window emit. A global window has no end: write .trigger(every_count(n)), or "
    "another trigger, behind .window(global_windows{})");
  static_assert(
    window_trigger<Trigger>, "trigger(t): t has a default-constructible type state, and trigger_result on_record(state&, "
                             "timestamp, trigger_context&) "
                             "const, as well as on_event_time and on_processing_time of the same shape; derive from "
                             "leat::trigger_base to leave some "
                             "out");
  static_assert(
    !Windows::merging || merging_trigger<Trigger> || !window_trigger<Trigger>,
    "trigger(t): sessions merge, and t does not say what becomes of it: write trigger_result on_merge(state& into, const "
    "state& other, trigger_context&) const, which sets the timers of the merged window");

public:
  using output = typename Contents::output;
  using context = keyed_context<Key>;

  triggered_windows(Windows windows, Trigger trigger, Contents contents, lateness<T> late)
    : windows_{std::move(windows)}, trigger_{std::move(trigger)}, contents_{std::move(contents)}, lateness_{
                                                                                                    std::move(late)} {}

  void open(state_registry& r) {
    r.add_own("leat.windows", open_);
    if constexpr (requires { contents_.open(r, Windows::merging); })
      contents_.open(r, Windows::merging);
    late_records_ = &r.counter("late_records");
    gap_records_ = &r.counter("gap_records");
  }

  [[nodiscard]] bool has_event_time_windows() const {
    return !std::is_same_v<Windows, global_windows> && windows_.domain() == time_domain::event;
  }

  /// Late records do; and what a window's contents emit, if they say nothing of it.
  [[nodiscard]] bool emits_to(std::string_view side_output) const {
    return lateness_.emits_to(side_output) || may_emit_to(contents_, side_output);
  }

  void process(const T& record, context& c, collector<output>& out) {
    const auto time = windows_.domain() == time_domain::event ? c.time() : c.processing_time();
    bool any = false;
    bool added = false;
    const auto add_to = [&](time_window w) {
      any = true;
      auto* const into = window_for(w, c);
      if (!into)
        return;
      added = true;
      contents_.add(into->contents, record, c.time());
      auto t = trigger_context_of(*into, c);
      act(trigger_.on_record(into->trigger, time, t), *into, c, out);
      arm(*into, c);
    };
    if constexpr (requires { windows_.assign(time, add_to); })
      windows_.assign(time, add_to);
    else
      windows_.assign(record, time, add_to);
    if (added)
      return;
    if (!any)
      gap_records_->add(1);
    else
      drop_late(record, c);
    forget_if_empty();
  }

  void on_timer(timestamp when, context& c, collector<output>& out) {
    if (!open_.get())
      return;
    const bool processing = c.domain() == time_domain::processing;
    auto& all = open_.edit();
    for (auto& w : all) {
      if (w.armed[processing] != when)
        continue;
      w.armed[processing] = max_timestamp;
      if (const auto set = std::find(w.timers.begin(), w.timers.end(), std::pair{when, processing});
          set != w.timers.end()) {
        w.timers.erase(set);
        auto t = trigger_context_of(w, c);
        const auto result =
          processing ? trigger_.on_processing_time(w.trigger, when, t) : trigger_.on_event_time(w.trigger, when, t);
        act(result, w, c, out);
      }
      arm(w, c);
    }
    if (c.domain() == windows_.domain())
      drop_until(when, all, c);
    forget_if_empty();
  }

private:
  struct open_window {
    time_window window;
    typename Contents::held contents{};
    typename Trigger::state trigger{};
    trigger_context::timer_list timers{}; // that the trigger has set
    std::array<timestamp, 2> armed{
      max_timestamp, max_timestamp}; // the next key-wide timer of each domain: event, processing
    BOOST_DESCRIBE_CLASS(open_window, (), (window, contents, trigger, timers, armed), (), ())
  };
  using window_list = std::vector<open_window>; // in their order

  /// When a window is dropped.
  [[nodiscard]] timestamp cleanup_time(const time_window& w) const noexcept {
    if (w == global_windows::window)
      return max_timestamp;
    const auto wait = windows_.domain() == time_domain::event ? lateness_.allowed : duration::zero();
    return w.last() > max_timestamp - wait ? max_timestamp : w.last() + wait;
  }

  [[nodiscard]] bool is_late(const time_window& w, const context& c) const noexcept {
    return windows_.domain() == time_domain::event && w != global_windows::window && c.watermark() != min_timestamp &&
           cleanup_time(w) <= c.watermark();
  }

  /// The key's window that a record of window `w` joins, made or merged; null when it is late.
  open_window* window_for(time_window w, context& c) {
    if constexpr (Windows::merging)
      return merged_window_for(w, c);
    if (is_late(w, c))
      return nullptr;
    auto& all = open_.edit();
    const auto at =
      std::lower_bound(all.begin(), all.end(), w, [](const open_window& o, const time_window& v) { return o.window < v; });
    if (at != all.end() && at->window == w)
      return &*at;
    return &*all.insert(at, {w});
  }

  /// Windows that touch become one, the earlier one's contents first.
  open_window* merged_window_for(time_window w, context& c) {
    const auto touches = [](const time_window& a, const time_window& b) { return a.start <= b.end && a.end >= b.start; };
    auto whole = w;
    if (const auto* const all = open_.get())
      for (const auto& o : *all)
        if (touches(o.window, w))
          whole = {std::min(whole.start, o.window.start), std::max(whole.end, o.window.end)};
    if (is_late(whole, c))
      return nullptr;
    auto& all = open_.edit();
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.window.start < b.window.start; });
    auto into = std::find_if(all.begin(), all.end(), [&](const open_window& o) { return touches(o.window, w); });
    if (into == all.end()) {
      all.push_back({whole});
      return &all.back();
    }
    const bool grows = into->window != whole;
    if (grows)
      end_moves(*into, whole);
    for (auto next = std::next(into); next != all.end() && touches(next->window, w);) {
      contents_.merge(into->contents, next->contents);
      merge_triggers(*into, *next, c);
      next = all.erase(next);
    }
    if (grows) {
      auto t = trigger_context_of(*into, c);
      (void)trigger_.on_merge(into->trigger, typename Trigger::state{}, t);
    }
    return &*into;
  }

  /// A session that grows forgets the timers of its old end. What is armed stays: it leads to the new end when it fires.
  void end_moves(open_window& w, const time_window& to) {
    const auto of_end = [&](const auto& t) { return t.first == w.window.last(); };
    w.timers.erase(std::remove_if(w.timers.begin(), w.timers.end(), of_end), w.timers.end());
    w.window = to;
  }

  void merge_triggers(open_window& into, open_window& other, context& c) {
    auto t = trigger_context_of(into, c);
    (void)trigger_.on_merge(into.trigger, other.trigger, t);
  }

  trigger_context trigger_context_of(open_window& w, const context& c) {
    return {w.window, c.watermark(), c.processing_time(), w.timers};
  }

  void act(trigger_result result, open_window& w, context& c, collector<output>& out) {
    if (result == trigger_result::go_on || contents_.empty(w.contents))
      return;
    const auto time = w.window == global_windows::window ? c.time() : w.window.last();
    contents_.emit(w.contents, c, w.window, time, out);
    if (result == trigger_result::fire_and_purge)
      w.contents = {};
  }

  /// Sets the key's next timer that the window waits for: the first that its trigger has set, or its end. Until the window is
  /// dropped, what came so far may have to be emitted again.
  void arm(open_window& w, context& c) {
    const auto end = cleanup_time(w.window);
    timestamp next[2] = {max_timestamp, max_timestamp};
    next[windows_.domain() == time_domain::processing] = end;
    for (const auto& [when, processing] : w.timers)
      next[processing] = std::min(next[processing], when);
    for (const bool processing : {false, true}) {
      if (next[processing] >= w.armed[processing])
        continue;
      w.armed[processing] = next[processing];
      processing ? c.set_processing_timer(next[processing]) : c.set_timer(next[processing]);
    }
    if (windows_.domain() == time_domain::event && end != max_timestamp)
      c.hold_commits_until(end);
  }

  /// Drops the windows that nothing can be added to any more when the time has come to `when`.
  void drop_until(timestamp when, window_list& all, context& c) {
    const auto is_over = [&](const open_window& w) { return cleanup_time(w.window) <= when; };
    if constexpr (requires(const time_window& w) { contents_.drop(c, w); })
      for (const auto& w : all)
        if (is_over(w))
          contents_.drop(c, w.window);
    std::erase_if(all, is_over);
  }

  void drop_late(const T& record, context& c) {
    late_records_->add(1);
    lateness_.emit_late(record, c);
  }

  void forget_if_empty() {
    if (const auto* const all = open_.get(); all && all->empty())
      open_.clear();
  }

  Windows windows_;
  Trigger trigger_;
  Contents contents_;
  lateness<T> lateness_;
  value_state<window_list> open_;
  metric* late_records_ = nullptr;
  metric* gap_records_ = nullptr;
};

} // namespace leat
