#pragma once

#include <leat/operators/joins/time_buffer.hpp>
#include <leat/operators/keyed_co_process.hpp>
#include <leat/operators/side_output.hpp>
#include <leat/operators/state/value_state.hpp>

#include <algorithm>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace leat {

/// Which records of the second stream a record of the first is joined with: those of its key whose event time is from
/// `lower` to `upper` after its own, both included.
struct join_interval {
  duration lower{};
  duration upper{};
};

/// Which rows a join emits.
enum class join_kind {
  inner, ///< one for each pair
  left,  ///< and one for each record of the first stream without a partner
};

/// What a function of a pair learns about it, and where it emits to side outputs.
template <class Key>
class join_context {
public:
  join_context(keyed_context<Key>& of_key, timestamp first_time, timestamp second_time)
    : of_key_{&of_key}, first_time_{first_time}, second_time_{second_time} {}

  [[nodiscard]] const Key& key() const noexcept { return of_key_->key(); }
  [[nodiscard]] timestamp first_time() const noexcept { return first_time_; }
  [[nodiscard]] timestamp second_time() const noexcept { return second_time_; }

  /// Event time of the pair, and of what is emitted: the later of the two.
  [[nodiscard]] timestamp time() const noexcept { return std::max(first_time_, second_time_); }

  template <class S>
  void emit(const side_output<S>& to, const std::type_identity_t<S>& record) {
    of_key_->emit_at(to, record, time());
  }

private:
  keyed_context<Key>* of_key_;
  timestamp first_time_;
  timestamp second_time_;
};

namespace detail {

template <class Function, class First, class Second, class Key, class Out>
inline constexpr bool takes_pair =
  std::is_invocable_v<Function&, const First&, const Second&, join_context<Key>&, collector<Out>&>;

} // namespace detail

/// A function over the pairs of an interval join that emits any number of rows for each:
///
///     void (const First&, const Second&, join_context<Key>&, collector<Out>&)
template <class Function, class First, class Second, class Key, class Out>
concept join_function = detail::takes_pair<Function, First, Second, Key, Out>;

/// Joins records of two streams that are close in time: an interval join. A `keyed_co_process_function`.
///
/// `join(const First&, const Second&)` makes a row of a pair, for left joins `join(const First&, const Second*)`; or it is a
/// `join_function`, for inner joins. A pair leaves with the later of its two times as soon as both are there. A record waits
/// for partners until the watermark has reached its time and the last that a partner could have; one without partners then
/// leaves with that time.
///
/// A record is late when the watermark has reached its time, and is counted in `late_records`: it makes no row with a time
/// that the watermark has reached, but waits for partners like others. If it came too late for any row, it goes to the side
/// output for late records, if there is one. After Flink's `IntervalJoinOperator`, which drops late records.
///
/// So a restart loses no row and makes no wrong one, though state begins empty: commits are held until what came before has
/// no row to come, and what is read again of the time before is late, but finds the partners that are still to come.
template <class First, class Second, class Key, class Out, join_kind Kind, class Join>
class interval_join {
public:
  using context = keyed_context<Key>;

  interval_join(join_interval interval, Join join, late_pair_outputs<First, Second> late = {})
    : interval_{interval}, join_{std::move(join)}, late_{std::move(late)} {}

  [[nodiscard]] bool emits_to(std::string_view side_output) const {
    return join_function<Join, First, Second, Key, Out> || late_.emits_to(side_output);
  }

  void open(state_registry& r) {
    r.add_own("leat.waiting", waiting_);
    late_records_ = &r.counter("late_records");
  }

  void process_first(const First& record, context& c, collector<Out>& out) {
    const auto time = c.time();
    count_if_late(c);
    auto& w = waiting_.edit();
    const auto partners = w.second.between(time + interval_.lower, time + interval_.upper);
    for (const auto& partner : partners)
      emit(record, time, partner.record, partner.time, c, out);
    if (const auto until = time + first_wait(); until > c.watermark()) {
      w.first.add({record, time, !partners.empty()});
      wait(w, until, c);
    } else if (late_.first) {
      c.emit(*late_.first, record);
    }
    forget_if_done(w);
  }

  void process_second(const Second& record, context& c, collector<Out>& out) {
    const auto time = c.time();
    count_if_late(c);
    auto& w = waiting_.edit();
    for (auto& partner : w.first.between(time - interval_.upper, time - interval_.lower)) {
      partner.joined = true;
      emit(partner.record, partner.time, record, time, c, out);
    }
    if (const auto until = time + second_wait(); until > c.watermark()) {
      w.second.add({record, time});
      wait(w, until, c);
    } else if (late_.second) {
      c.emit(*late_.second, record);
    }
    forget_if_done(w);
  }

  void on_timer(timestamp when, context& c, collector<Out>& out) {
    auto& w = waiting_.edit();
    for (const auto& f : w.first.between(min_timestamp, when - first_wait()))
      if (!f.joined)
        emit_alone(f.record, f.time + first_wait(), out);
    w.first.drop_until(when - first_wait());
    w.second.drop_until(when - second_wait());
    w.wakes_at = max_timestamp;
    if (!w.first.empty())
      wait(w, w.first.all().front().time + first_wait(), c);
    if (!w.second.empty())
      wait(w, w.second.all().front().time + second_wait(), c);
    forget_if_done(w);
  }

private:
  struct first_entry {
    First record{};
    timestamp time{};
    bool joined = false;
    BOOST_DESCRIBE_CLASS(first_entry, (), (record, time, joined), (), ())
  };
  struct second_entry {
    Second record{};
    timestamp time{};
    BOOST_DESCRIBE_CLASS(second_entry, (), (record, time), (), ())
  };
  struct waiting {
    time_buffer<first_entry> first;
    time_buffer<second_entry> second;
    timestamp wakes_at = max_timestamp; // the next timer, at or before the first that has waited long enough
    BOOST_DESCRIBE_CLASS(waiting, (), (first, second, wakes_at), (), ())
  };

  /// How long a record of the first stream waits for partners.
  [[nodiscard]] duration first_wait() const noexcept { return std::max(interval_.upper, duration::zero()); }

  /// The same of the second stream. In a left join it stays until nothing that it is a partner of waits any more: even when
  /// it came too late for the pair, the other is not without partner.
  [[nodiscard]] duration second_wait() const noexcept {
    const auto for_pairs = std::max(-interval_.lower, duration::zero());
    return Kind == join_kind::left ? for_pairs + first_wait() : for_pairs;
  }

  void count_if_late(const context& c) {
    if (c.time() <= c.watermark())
      late_records_->add(1);
  }

  /// Something in `w` has to go when the watermark reaches `until`. Before that, it may have rows to come.
  void wait(waiting& w, timestamp until, context& c) {
    c.hold_commits_until(until);
    if (until >= w.wakes_at)
      return;
    w.wakes_at = until;
    c.set_timer(until);
  }

  void forget_if_done(const waiting& w) {
    if (w.first.empty() && w.second.empty())
      waiting_.clear();
  }

  void emit(
    const First& first, timestamp first_time, const Second& second, timestamp second_time, context& c,
    collector<Out>& out) {
    const auto time = std::max(first_time, second_time);
    if (time <= c.watermark())
      return;
    if constexpr (join_function<Join, First, Second, Key, Out>) {
      join_context<Key> of_pair{c, first_time, second_time};
      out.set_time(time);
      std::invoke(join_, first, second, of_pair, out);
    } else if constexpr (Kind == join_kind::inner)
      out.push_at(std::invoke(join_, first, second), time);
    else
      out.push_at(std::invoke(join_, first, &second), time);
  }

  void emit_alone(const First& first, timestamp time, collector<Out>& out) {
    if constexpr (Kind == join_kind::left)
      out.push_at(std::invoke(join_, first, static_cast<const Second*>(nullptr)), time);
  }

  join_interval interval_;
  Join join_;
  late_pair_outputs<First, Second> late_;
  value_state<waiting> waiting_;
  metric* late_records_ = nullptr;
};

} // namespace leat
