#pragma once

#include <leat/operators/joins/interval_join.hpp>
#include <leat/operators/joins/time_buffer.hpp>
#include <leat/operators/keyed_co_process.hpp>
#include <leat/operators/state/value_state.hpp>
#include <leat/operators/windows/evictors.hpp>

#include <functional>
#include <string_view>
#include <utility>

namespace leat {

namespace detail {

/// Pushes the row of a record and the value found for it, which may be missing.
template <join_kind Kind, class First, class Second, class Out, class Join>
void push_joined(Join& join, const First& first, const Second* second, timestamp time, collector<Out>& out) {
  if constexpr (Kind == join_kind::left)
    out.push_at(std::invoke(join, first, second), time);
  else if (second)
    out.push_at(std::invoke(join, first, *second), time);
}

} // namespace detail

/// Joins each record with what the second stream said last about its key, as of the record's event time: prices with the
/// rate that was valid. A `keyed_co_process_function`.
///
/// A record waits until the watermark reaches its time: then no older value can come. It leaves with its own time. Of the
/// values those are kept that a record to come may still ask for. A record is late when the watermark has reached its time:
/// it is dropped, and counted in `late_records`; a late value counts for what is asked after it. After Flink's
/// `TemporalRowTimeJoinOperator`.
template <class First, class Second, class Key, class Out, join_kind Kind, class Join>
class temporal_lookup {
public:
  using context = keyed_context<Key>;

  explicit temporal_lookup(Join join) : join_{std::move(join)} {}

  [[nodiscard]] static bool emits_to(std::string_view) { return false; }

  void open(state_registry& r) {
    r.add_own("leat.asking", asking_);
    r.add_own("leat.values", values_);
    late_records_ = &r.counter("late_records");
  }

  void process_first(const First& record, context& c, collector<Out>&) {
    if (c.time() <= c.watermark())
      return late_records_->add(1);
    asking_.edit().add({record, c.time()});
    c.set_timer(c.time());
  }

  void process_second(const Second& record, context& c, collector<Out>&) {
    auto& known = values_.edit();
    known.add({record, c.time()});
    known.keep_last_until(c.watermark());
  }

  void on_timer(timestamp when, context&, collector<Out>& out) {
    auto& asking = asking_.edit();
    for (const auto& a : asking.between(min_timestamp, when))
      detail::push_joined<Kind>(join_, a.record, value_at(a.time), a.time, out);
    asking.drop_until(when);
    if (asking.empty())
      asking_.clear();
    if (values_.get())
      values_.edit().keep_last_until(when);
  }

private:
  [[nodiscard]] const Second* value_at(timestamp time) const {
    const auto* const known = values_.get();
    const auto* const found = known ? known->last_until(time) : nullptr;
    return found ? &found->record : nullptr;
  }

  Join join_;
  value_state<time_buffer<timed_record<First>>> asking_;
  value_state<time_buffer<timed_record<Second>>> values_;
  metric* late_records_ = nullptr;
};

/// Joins each record at once with the value of its key that came last, whatever their times: for lookups that may depend on
/// which of the two came sooner. A `keyed_co_process_function`.
template <class First, class Second, class Key, class Out, join_kind Kind, class Join>
class latest_lookup {
public:
  using context = keyed_context<Key>;

  explicit latest_lookup(Join join) : join_{std::move(join)} {}

  [[nodiscard]] static bool emits_to(std::string_view) { return false; }

  void open(state_registry& r) { r.add("value", value_); }

  void process_first(const First& record, context& c, collector<Out>& out) {
    detail::push_joined<Kind>(join_, record, value_.get(), c.time(), out);
  }
  void process_second(const Second& record, context&, collector<Out>&) { value_.set(record); }

private:
  Join join_;
  value_state<Second> value_;
};

} // namespace leat
