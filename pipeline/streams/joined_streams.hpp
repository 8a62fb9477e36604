#pragma once

#include <leat/operators/joins/interval_join.hpp>
#include <leat/operators/joins/temporal_lookup.hpp>
#include <leat/operators/joins/window_join.hpp>
#include <leat/pipeline/streams/keyed_origin.hpp>

#include <functional>
#include <span>
#include <type_traits>
#include <utility>

namespace leat {

namespace detail {

/// What the function of a join returns.
template <join_kind Kind, class Join, class First, class Second>
struct joined_row {
  static_assert(
    Kind == join_kind::left || std::is_invocable_v<Join&, const First&, const Second&>,
    "inner(f): f takes a record of each stream by const reference and returns a row");
  static_assert(
    Kind == join_kind::inner || std::is_invocable_v<Join&, const First&, const Second*>,
    "left(f): f takes a record of the first stream by const reference and one of the second by const pointer, null when "
    "there is no partner, and returns a row");
  using partner = std::conditional_t<Kind == join_kind::inner, const Second&, const Second*>;
  using type = std::remove_cvref_t<std::invoke_result_t<Join&, const First&, partner>>;
};
template <join_kind Kind, class Join, class First, class Second>
using joined_row_t = typename joined_row<Kind, Join, First, Second>::type;

} // namespace detail

/// Two streams divided by key and by windows: say what becomes of the records that meet in one.
template <class Origin, class Other, class Windows, class Trigger>
class window_joined {
  using first = typename Origin::record;
  using second = typename Other::record;
  using key_type = typename Origin::key_type;

public:
  window_joined(Origin origin, Other other, Windows windows, Trigger trigger)
    : origin_{std::move(origin)}, other_{std::move(other)}, windows_{std::move(windows)}, trigger_{std::move(trigger)} {}

  /// One `f(const First&, const Second&)` for each pair of a key and window.
  template <class Join>
  auto inner(Join join) const {
    using row = detail::joined_row_t<join_kind::inner, Join, first, second>;
    return co_group<row>([join](const key_type&, const time_window&, auto all_first, auto all_second, collector<row>& out) {
      for (const auto& f : all_first)
        for (const auto& s : all_second)
          out.push(std::invoke(join, f.record, s.record));
    });
  }

  /// One `f(const First&, const Second*)` for each pair, and for each record of the first stream without a partner.
  template <class Join>
  auto left(Join join) const {
    using row = detail::joined_row_t<join_kind::left, Join, first, second>;
    return co_group<row>([join](const key_type&, const time_window&, auto all_first, auto all_second, collector<row>& out) {
      for (const auto& f : all_first) {
        for (const auto& s : all_second)
          out.push(std::invoke(join, f.record, &s.record));
        if (all_second.empty())
          out.push(std::invoke(join, f.record, static_cast<const second*>(nullptr)));
      }
    });
  }

  /// One `f(const First*, const Second*)` for each pair, and for each record of either stream without a partner.
  template <class Join>
  auto full(Join join) const {
    static_assert(
      std::is_invocable_v<const Join&, const first*, const second*>,
      "full(f): f takes a record of each stream by const pointer, one of them null when there is no partner, and returns a "
      "row");
    using row = std::remove_cvref_t<std::invoke_result_t<const Join&, const first*, const second*>>;
    return co_group<row>([join](const key_type&, const time_window&, auto all_first, auto all_second, collector<row>& out) {
      for (const auto& f : all_first)
        for (const auto& s : all_second)
          out.push(std::invoke(join, &f.record, &s.record));
      if (all_second.empty())
        for (const auto& f : all_first)
          out.push(std::invoke(join, &f.record, static_cast<const second*>(nullptr)));
      if (all_first.empty())
        for (const auto& s : all_second)
          out.push(std::invoke(join, static_cast<const first*>(nullptr), &s.record));
    });
  }

  /// Calls `function(key, window, first, second, out)` for each key and window that has a record; `first` and `second` are
  /// spans of `timed_record`, in the order in which they came, and one of them may be empty.
  template <class Out, class Function>
  stream<Out> co_group(Function function) const {
    static_assert(
      std::is_invocable_v<
        const Function&, const key_type&, const time_window&, std::span<const timed_record<first>>,
        std::span<const timed_record<second>>, collector<Out>&>,
      "co_group<Out>(f): f takes (const Key&, const leat::time_window&, std::span<const leat::timed_record<First>>, "
      "std::span<const leat::timed_record<Second>>, leat::collector<Out>&)");
    using contents = grouped_contents<first, second, key_type, Out, Function>;
    using join = window_join<first, second, key_type, Windows, Trigger, contents>;
    return origin_.template add_function_with<Out>(
      other_, "window-join", join{windows_, trigger_, contents{std::move(function)}, lateness_});
  }

  /// Emits when `when` says so, instead of at the window's end; see `triggered_stream::trigger`.
  template <class When>
  window_joined<Origin, Other, Windows, When> trigger(When when) const {
    origin_.check_part(when);
    return {origin_, other_, windows_, std::move(when), lateness_};
  }

  /// Keeps windows for so long after their end: a late record emits its window again, with all that is in it.
  window_joined allowed_lateness(duration allowed) const {
    auto with = *this;
    with.lateness_.allowed = allowed;
    if (allowed < duration::zero())
      origin_.check("allowed_lateness(…) takes a span that is not negative");
    return with;
  }

  /// Sends records that are too late to side outputs, to be read behind the join.
  window_joined late_outputs(side_output<first> of_first, side_output<second> of_second) const {
    auto with = *this;
    with.lateness_.late = {std::move(of_first), std::move(of_second)};
    return with;
  }

private:
  template <class, class, class, class>
  friend class window_joined;
  using lateness_type = lateness<either_record<first, second>>;

  window_joined(Origin origin, Other other, Windows windows, Trigger trigger, lateness_type late)
    : window_joined{std::move(origin), std::move(other), std::move(windows), std::move(trigger)} {
    lateness_ = std::move(late);
  }

  Origin origin_;
  Other other_;
  Windows windows_;
  Trigger trigger_;
  lateness_type lateness_;
};

/// The ways to end the description of a join whose rows are made one by one. `Self` has `with<Kind>(join)`.
template <class Self>
class joined_by_row {
public:
  /// One `f(const First&, const Second&)` for each record of the first stream and each partner.
  template <class Join>
  auto inner(Join join) const {
    return self().template with<join_kind::inner>(std::move(join));
  }

  /// One `f(const First&, const Second*)` for each of these, and for each record of the first stream without a partner.
  template <class Join>
  auto left(Join join) const {
    return self().template with<join_kind::left>(std::move(join));
  }

private:
  [[nodiscard]] const Self& self() const noexcept { return static_cast<const Self&>(*this); }
};

/// Two streams whose records are joined when their event times are close. Rows leave as soon as both records are there, one
/// without partner when none can come any more.
template <class Origin, class Other>
class interval_joined : public joined_by_row<interval_joined<Origin, Other>> {
  using first = typename Origin::record;
  using second = typename Other::record;

public:
  interval_joined(Origin origin, Other other, join_interval interval)
    : origin_{std::move(origin)}, other_{std::move(other)}, interval_{interval} {}

  /// Calls `f(const First&, const Second&, context, out)` for each pair, which emits any number of rows, and others to side
  /// outputs: see `join_function`.
  template <class Out, class Function>
  stream<Out> process(Function f) const {
    static_assert(
      join_function<Function, first, second, typename Origin::key_type, Out>,
      "process<Out>(f): f takes (const First&, const Second&, leat::join_context<Key>&, leat::collector<Out>&), Key being "
      "what key_by returns");
    return add<join_kind::inner, Out>(std::move(f));
  }

  /// Sends records that came too late for any row to side outputs, to be read behind the join. Other late records wait for
  /// partners to come.
  interval_joined late_outputs(side_output<first> of_first, side_output<second> of_second) const {
    auto with = *this;
    with.late_ = {std::move(of_first), std::move(of_second)};
    return with;
  }

private:
  template <class>
  friend class joined_by_row;

  template <join_kind Kind, class Join>
  auto with(Join join) const {
    return add<Kind, detail::joined_row_t<Kind, Join, first, second>>(std::move(join));
  }

  template <join_kind Kind, class Out, class Join>
  stream<Out> add(Join join) const {
    using function = interval_join<first, second, typename Origin::key_type, Out, Kind, Join>;
    return origin_.template add_function_with<Out>(other_, "interval-join", function{interval_, std::move(join), late_});
  }

  Origin origin_;
  Other other_;
  join_interval interval_;
  late_pair_outputs<first, second> late_;
};

/// A stream whose records look up what another said last about their key.
template <class Origin, class Other>
class looked_up : public joined_by_row<looked_up<Origin, Other>> {
  using first = typename Origin::record;
  using second = typename Other::record;
  using key_type = typename Origin::key_type;

public:
  looked_up(Origin origin, Other other, bool as_of_now)
    : origin_{std::move(origin)}, other_{std::move(other)}, as_of_now_{as_of_now} {}

private:
  template <class>
  friend class joined_by_row;

  template <join_kind Kind, class Join>
  auto with(Join join) const {
    using row = detail::joined_row_t<Kind, Join, first, second>;
    if (as_of_now_)
      return origin_.template add_function_with<row>(
        other_, "lookup", latest_lookup<first, second, key_type, row, Kind, Join>{std::move(join)});
    return origin_.template add_function_with<row>(
      other_, "lookup", temporal_lookup<first, second, key_type, row, Kind, Join>{std::move(join)});
  }

  Origin origin_;
  Other other_;
  bool as_of_now_;
};

/// Two streams divided by the same kind of key: say which of their records meet.
template <class Origin, class Other>
class joined_streams {
public:
  joined_streams(Origin origin, Other other) : origin_{std::move(origin)}, other_{std::move(other)} {}

  /// Those of one window: `tumbling(1min)`, `sliding(1h, 5min)`.
  window_joined<Origin, Other, aligned_windows, event_time_trigger> window(window_spec windows) const {
    origin_.check(windows.mistake());
    return {origin_, other_, aligned_windows{windows}, event_time_trigger{}};
  }

  /// Those of one window of another kind; see `keyed_stream::window`.
  template <class Windows>
  window_joined<Origin, Other, Windows, end_of_window_trigger> window(Windows windows) const {
    origin_.check(windows.mistake());
    const auto domain = windows.domain();
    return {origin_, other_, std::move(windows), end_of_window_trigger{domain == time_domain::processing}};
  }

  /// All records of a key in one window that never ends: `.trigger(…)` says when it emits, and cannot be left out.
  window_joined<Origin, Other, global_windows, never_trigger> window(global_windows windows) const {
    return {origin_, other_, windows, never_trigger{}};
  }

  /// Those where the second one's event time is from `lower` to `upper` after the first one's, both included:
  /// `.between(-5s, 5s)`.
  interval_joined<Origin, Other> between(duration lower, duration upper) const {
    if (lower > upper)
      origin_.check("between(lower, upper): the lower bound is above the upper one");
    return {origin_, other_, {lower, upper}};
  }

private:
  Origin origin_;
  Other other_;
};

} // namespace leat
