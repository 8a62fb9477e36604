#pragma once

#include <leat/tests/reference/arithmetic.hpp>
#include <leat/tests/reference/stream_model.hpp>

#include <functional>
#include <optional>
#include <set>

namespace leat::reference {

/// Something of all values of a key, with each that comes; or nothing.
class running_model final : public operator_node {
public:
  using function = std::function<std::optional<std::int64_t>(const values&)>;

  running_model(std::size_t channel, const std::vector<std::size_t>& inputs, function function)
    : operator_node{channel, inputs}, function_{std::move(function)} {}

private:
  void on_record(std::size_t, const fact& f, std::int64_t time) override {
    all_.push_back(f);
    values of_key;
    for (const auto& a : all_)
      if (a.key == f.key)
        of_key.push_back(a.value);
    if (const auto value = function_(of_key))
      emit_row({f.key, *value}, time);
  }

  const function function_;
  std::vector<fact> all_;
};

/// A function with one state, and what time does to it.
struct state_kind {
  enum class is {
    value,
    list,
    map,         // by the remainder of 3
    reducing,    // `folded`
    aggregating, // the sum
  } is = is::value;
  std::int64_t ttl = end_of_time;
  bool on_read = false; // reading counts as use
};

/// With each record, what the state then holds: see `use_of`.
class state_model final : public operator_node {
public:
  state_model(std::size_t channel, const std::vector<std::size_t>& inputs, state_kind kind, const model_clock& clock)
    : operator_node{channel, inputs}, kind_{kind}, clock_{clock} {}

private:
  struct entry {
    std::int64_t value;
    std::int64_t used; // when
  };
  using is = enum state_kind::is;

  void on_record(std::size_t, const fact& f, std::int64_t time) override {
    all_.push_back({f, clock_.now});
    std::vector<entry> held;
    for (const auto& a : all_)
      if (a.what.key == f.key)
        apply(held, a.what.value, a.time);
    values left;
    for (const auto& e : held)
      left.push_back(e.value);
    emit_row({f.key, kind_.is == is::map ? digest(left) : ordered_digest(left)}, time);
  }

  void apply(std::vector<entry>& held, std::int64_t value, std::int64_t now) const {
    std::erase_if(held, [&](const entry& e) { return now >= e.used + kind_.ttl; });
    if (use_of(value) == use::clear)
      held.clear();
    else if (use_of(value) == use::write)
      write(held, value, now);
    if (kind_.on_read)
      for (auto& e : held)
        e.used = now;
  }

  void write(std::vector<entry>& held, std::int64_t value, std::int64_t now) const {
    const bool alone = kind_.is == is::value || kind_.is == is::reducing || kind_.is == is::aggregating;
    if (kind_.is == is::reducing && !held.empty())
      value = folded(held.front().value, value);
    if (kind_.is == is::aggregating && !held.empty())
      value += held.front().value;
    std::erase_if(held, [&](const entry& e) { return alone || (kind_.is == is::map && e.value % 3 == value % 3); });
    held.push_back({value, now});
  }

  const state_kind kind_;
  const model_clock& clock_;
  std::vector<timed_fact> all_; // with the processing times at which they came
};

/// Each record sets a timer `delay` behind its time, or deletes it; one per key and time. It says how many records of the key
/// have come by then. With `clock` by the times at which they come.
class timer_model final : public operator_node {
public:
  timer_model(
    std::size_t channel, const std::vector<std::size_t>& inputs, std::int64_t delay, bool deletes,
    const model_clock* clock = nullptr)
    : operator_node{channel, inputs}, delay_{delay}, deletes_{deletes}, clock_{clock} {}

private:
  void on_record(std::size_t, const fact& f, std::int64_t time) override {
    all_.push_back(f);
    const std::pair timer{(clock_ ? clock_->now : time) + delay_, f.key};
    if (deletes_ && f.value % 4 == 3)
      timers_.erase(timer);
    else
      timers_.insert(timer);
  }

  void on_watermark(std::int64_t to) override {
    if (!clock_)
      fire(to);
  }

  [[nodiscard]] std::int64_t wakes_at() const override {
    return clock_ && !timers_.empty() ? timers_.begin()->first : end_of_time;
  }
  void on_processing_time() override { fire(clock_->now); }

  void fire(std::int64_t until) {
    while (!timers_.empty() && timers_.begin()->first <= until) {
      const auto [when, key] = *timers_.begin();
      timers_.erase(timers_.begin());
      const auto of_key = std::count_if(all_.begin(), all_.end(), [k = key](const fact& f) { return f.key == k; });
      emit_row({key, static_cast<std::int64_t>(of_key)}, clock_ ? behind_watermark() : when);
    }
  }

  /// Where what comes by processing time has its event time.
  [[nodiscard]] std::int64_t behind_watermark() const {
    if (watermark() == beginning)
      return clock_->now;
    return watermark() == end_of_time ? end_of_time : watermark() + 1;
  }

  const std::int64_t delay_;
  const bool deletes_;
  const model_clock* const clock_;
  std::vector<fact> all_;
  std::set<std::pair<std::int64_t, std::int64_t>> timers_;
};

} // namespace leat::reference
