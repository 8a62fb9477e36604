#pragma once

#include <leat/base/described_struct.hpp>
#include <leat/base/time.hpp>
#include <leat/operators/mistake.hpp>
#include <leat/operators/window_spec.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

namespace leat {

/// What becomes of a window now.
enum class trigger_result {
  go_on,
  fire,           ///< emit what the window holds, and keep it
  fire_and_purge, ///< emit what the window holds, and empty it
};

/// What a trigger learns about its window, and where it sets timers. A timer leads to `on_event_time` or
/// `on_processing_time` of the same window.
class trigger_context {
public:
  /// Timers of one window, each with whether it goes by processing time.
  using timer_list = boost::container::small_vector<std::pair<timestamp, bool>, 1>; // most set one: the end

  trigger_context(const time_window& window, timestamp watermark, timestamp processing_time, timer_list& timers)
    : window_{window}, watermark_{watermark}, processing_time_{processing_time}, timers_{&timers} {}

  [[nodiscard]] const time_window& window() const noexcept { return window_; }
  [[nodiscard]] timestamp watermark() const noexcept { return watermark_; }
  [[nodiscard]] timestamp processing_time() const noexcept { return processing_time_; }

  void set_timer(timestamp when) { add({when, false}); }
  void set_processing_timer(timestamp when) { add({when, true}); }

private:
  void add(std::pair<timestamp, bool> t) {
    if (std::find(timers_->begin(), timers_->end(), t) == timers_->end())
      timers_->push_back(t);
  }

  time_window window_;
  timestamp watermark_;
  timestamp processing_time_;
  timer_list* timers_;
};

/// A trigger decides when a window emits. It is shared by all windows of a step; what it remembers of one window is its
/// `state`. It has
///
///     state                                                                    default-constructible, copyable, can be saved
///     trigger_result on_record(state&, timestamp time, trigger_context&) const
///     trigger_result on_event_time(state&, timestamp when, trigger_context&) const
///     trigger_result on_processing_time(state&, timestamp when, trigger_context&) const
///     trigger_result on_merge(state& into, const state& other, trigger_context&) const
///
/// and may have
///
///     std::string mistake() const     what is wrong with it, for a person; empty when it can be used
///
/// Any type of this shape can be used. `trigger_base` has the answer `go_on` for all but `on_merge`, which is needed for sessions
/// only: what becomes of two windows that become one, and that the merged one's timers are set.
struct trigger_base {
  struct state {};

  template <class State>
  trigger_result on_record(State&, timestamp, trigger_context&) const {
    return trigger_result::go_on;
  }
  template <class State>
  trigger_result on_event_time(State&, timestamp, trigger_context&) const {
    return trigger_result::go_on;
  }
  template <class State>
  trigger_result on_processing_time(State&, timestamp, trigger_context&) const {
    return trigger_result::go_on;
  }
};

/// Whether a type has the shape of a trigger.
template <class Trigger>
concept window_trigger = requires(const Trigger& t, typename Trigger::state& s, timestamp when, trigger_context& c) {
  { t.on_record(s, when, c) } -> std::same_as<trigger_result>;
  { t.on_event_time(s, when, c) } -> std::same_as<trigger_result>;
  { t.on_processing_time(s, when, c) } -> std::same_as<trigger_result>;
};

/// Whether it is one for windows that merge.
template <class Trigger>
concept merging_trigger = window_trigger<Trigger> &&
  requires(const Trigger& t, typename Trigger::state& into, const typename Trigger::state& other, trigger_context& c) {
  { t.on_merge(into, other, c) } -> std::same_as<trigger_result>;
};

/// Never emits.
struct never_trigger : trigger_base {};

/// Emits when the watermark reaches the window's last millisecond, and at once for each late record that is still allowed.
struct event_time_trigger : trigger_base {
  trigger_result on_record(state&, timestamp, trigger_context& c) const {
    if (c.window().last() <= c.watermark())
      return trigger_result::fire;
    c.set_timer(c.window().last());
    return trigger_result::go_on;
  }
  trigger_result on_event_time(state&, timestamp when, trigger_context& c) const {
    return when == c.window().last() ? trigger_result::fire : trigger_result::go_on;
  }
  trigger_result on_merge(state&, const state&, trigger_context& c) const {
    if (c.window().last() > c.watermark())
      c.set_timer(c.window().last());
    return trigger_result::go_on;
  }
};

/// Emits when the wall clock reaches the window's last millisecond.
struct processing_time_trigger : trigger_base {
  trigger_result on_record(state&, timestamp, trigger_context& c) const {
    c.set_processing_timer(c.window().last());
    return trigger_result::go_on;
  }
  trigger_result on_processing_time(state&, timestamp when, trigger_context& c) const {
    return when == c.window().last() ? trigger_result::fire : trigger_result::go_on;
  }
  trigger_result on_merge(state&, const state&, trigger_context& c) const {
    c.set_processing_timer(c.window().last());
    return trigger_result::go_on;
  }
};

/// Emits at the end of a window, by the time that its windows are of.
struct end_of_window_trigger : trigger_base {
  explicit end_of_window_trigger(bool by_processing_time) : by_processing_time{by_processing_time} {}

  trigger_result on_record(state& s, timestamp time, trigger_context& c) const {
    return by_processing_time ? processing.on_record(s, time, c) : event.on_record(s, time, c);
  }
  trigger_result on_event_time(state& s, timestamp when, trigger_context& c) const {
    return by_processing_time ? trigger_result::go_on : event.on_event_time(s, when, c);
  }
  trigger_result on_processing_time(state& s, timestamp when, trigger_context& c) const {
    return by_processing_time ? processing.on_processing_time(s, when, c) : trigger_result::go_on;
  }
  trigger_result on_merge(state& into, const state& other, trigger_context& c) const {
    return by_processing_time ? processing.on_merge(into, other, c) : event.on_merge(into, other, c);
  }

  bool by_processing_time;
  event_time_trigger event;
  processing_time_trigger processing;
};

/// Emits with every `count`th record.
struct count_trigger : trigger_base {
  explicit count_trigger(std::int64_t count) : count{count} {}

  struct state {
    std::int64_t seen = 0;
    BOOST_DESCRIBE_CLASS(state, (), (seen), (), ())
  };
  trigger_result on_record(state& s, timestamp, trigger_context&) const {
    if (++s.seen < count)
      return trigger_result::go_on;
    s.seen = 0;
    return trigger_result::fire;
  }
  trigger_result on_merge(state& into, const state& other, trigger_context&) const {
    into.seen += other.seen;
    return trigger_result::go_on;
  }

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const {
    return count > 0 ? "" : "every_count(n) takes a count above 0, not " + std::to_string(count);
  }

  std::int64_t count;
};

/// Emits every `interval` of event time while a window is open, and when it ends.
struct continuous_trigger : trigger_base {
  explicit continuous_trigger(duration interval) : interval{interval} {}

  struct state {
    timestamp next = max_timestamp;
    BOOST_DESCRIBE_CLASS(state, (), (next), (), ())
  };
  trigger_result on_record(state& s, timestamp time, trigger_context& c) const {
    if (c.window().last() <= c.watermark())
      return trigger_result::fire;
    c.set_timer(c.window().last());
    if (s.next == max_timestamp)
      set_next(s, time, c);
    return trigger_result::go_on;
  }
  trigger_result on_event_time(state& s, timestamp when, trigger_context& c) const {
    if (when == c.window().last())
      return trigger_result::fire;
    if (when != s.next)
      return trigger_result::go_on;
    set_next(s, when, c);
    return trigger_result::fire;
  }
  trigger_result on_merge(state& into, const state& other, trigger_context& c) const {
    into.next = std::min(into.next, other.next);
    if (into.next != max_timestamp)
      c.set_timer(into.next);
    if (c.window().last() > c.watermark())
      c.set_timer(c.window().last());
    return trigger_result::go_on;
  }

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const {
    return interval > duration::zero()
             ? ""
             : "every(interval) takes a span above 0 ms, not " + std::to_string(interval.count()) + " ms";
  }

  duration interval;

private:
  void set_next(state& s, timestamp after, trigger_context& c) const {
    const auto into = to_millis(after) % interval.count();
    s.next = after - duration{into < 0 ? into + interval.count() : into} + interval;
    c.set_timer(std::min(s.next, c.window().last()));
  }
};

/// Emits as `inner` says, and empties the window each time.
template <class Inner>
struct purging_trigger : trigger_base {
  explicit purging_trigger(Inner inner) : inner{std::move(inner)} {}

  using state = typename Inner::state;

  trigger_result on_record(state& s, timestamp time, trigger_context& c) const {
    return purged(inner.on_record(s, time, c));
  }
  trigger_result on_event_time(state& s, timestamp when, trigger_context& c) const {
    return purged(inner.on_event_time(s, when, c));
  }
  trigger_result on_processing_time(state& s, timestamp when, trigger_context& c) const {
    return purged(inner.on_processing_time(s, when, c));
  }
  trigger_result on_merge(state& into, const state& other, trigger_context& c) const requires merging_trigger<Inner> {
    return purged(inner.on_merge(into, other, c));
  }

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const { return mistake_of(inner); }

  Inner inner;

private:
  static trigger_result purged(trigger_result r) noexcept {
    return r == trigger_result::fire ? trigger_result::fire_and_purge : r;
  }
};

/// `every_count(100)`, `every(10s)`, `purging(every_count(100))`: triggers to give to `window(…).trigger(…)`.
inline count_trigger every_count(std::int64_t count) { return count_trigger{count}; }
inline continuous_trigger every(duration interval) { return continuous_trigger{interval}; }
template <class Inner>
purging_trigger<Inner> purging(Inner inner) {
  return purging_trigger<Inner>{std::move(inner)};
}

} // namespace leat
