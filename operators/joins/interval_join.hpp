#pragma once

#include <leat/operators/joins/time_buffer.hpp>
#include <leat/operators/keyed_co_process.hpp>
#include <leat/operators/state/value_state.hpp>

#include <algorithm>
#include <functional>
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

/// Joins records of two streams that are close in time: an interval join. A `keyed_co_process_function`.
///
/// `join(const First&, const Second&)` makes a row of a pair, for left joins `join(const First&, const Second*)`. A pair
/// leaves with the later of its two times as soon as both are there. A record waits for partners until the watermark says
/// that none can come; one without partners then leaves with that time. A record is late when the watermark has reached its
/// time: it is dropped, and counted in `late_records`. After Flink's `IntervalJoinOperator`.
template <class First, class Second, class Key, class Out, join_kind Kind, class Join>
class interval_join {
public:
  using context = keyed_context<Key>;

  interval_join(join_interval interval, Join join) : interval_{interval}, join_{std::move(join)} {}

  void open(state_registry& r) {
    r.add("waiting", waiting_);
    late_records_ = &r.counter("late_records");
  }

  void process_first(const First& record, context& c, collector<Out>& out) {
    const auto time = c.time();
    if (is_late(c))
      return;
    auto& w = waiting_.edit();
    const auto partners = w.second.between(time + interval_.lower, time + interval_.upper);
    for (const auto& partner : partners)
      emit(record, partner.record, std::max(time, partner.time), out);
    const auto until = time + interval_.upper;
    if (until > c.watermark()) {
      w.first.add({record, time, !partners.empty()});
      wait(w, until, c);
    } else if (partners.empty()) {
      emit_alone(record, time, out);
    }
    forget_if_done(w);
  }

  void process_second(const Second& record, context& c, collector<Out>& out) {
    const auto time = c.time();
    if (is_late(c))
      return;
    auto& w = waiting_.edit();
    for (auto& partner : w.first.between(time - interval_.upper, time - interval_.lower)) {
      partner.joined = true;
      emit(partner.record, record, std::max(time, partner.time), out);
    }
    const auto until = time - interval_.lower;
    if (until > c.watermark()) {
      w.second.add({record, time});
      wait(w, until, c);
    }
    forget_if_done(w);
  }

  void on_timer(timestamp when, context& c, collector<Out>& out) {
    auto& w = waiting_.edit();
    for (const auto& f : w.first.between(min_timestamp, when - interval_.upper))
      if (!f.joined)
        emit_alone(f.record, f.time + interval_.upper, out);
    w.first.drop_until(when - interval_.upper);
    w.second.drop_until(when + interval_.lower);
    w.wakes_at = max_timestamp;
    if (!w.first.empty())
      wait(w, w.first.all().front().time + interval_.upper, c);
    if (!w.second.empty())
      wait(w, w.second.all().front().time - interval_.lower, c);
    forget_if_done(w);
  }

private:
  struct first_entry {
    First record;
    timestamp time;
    bool joined;
  };
  struct second_entry {
    Second record;
    timestamp time;
  };
  struct waiting {
    time_buffer<first_entry> first;
    time_buffer<second_entry> second;
    timestamp wakes_at = max_timestamp; // the next timer, at or before the first that has waited long enough
  };

  bool is_late(const context& c) {
    const bool late = c.time() <= c.watermark();
    if (late)
      late_records_->add(1);
    return late;
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

  void emit(const First& first, const Second& second, timestamp time, collector<Out>& out) {
    if constexpr (Kind == join_kind::inner)
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
  value_state<waiting> waiting_;
  metric* late_records_ = nullptr;
};

} // namespace leat
