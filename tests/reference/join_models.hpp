#pragma once

#include <leat/tests/reference/arithmetic.hpp>
#include <leat/tests/reference/stream_model.hpp>

#include <array>
#include <functional>
#include <optional>
#include <set>
#include <utility>

namespace leat::reference {

/// What a join emits of a pair.
using pair_function = std::function<values(const timed_fact& first, const timed_fact& second)>;

inline values joined_pair(const timed_fact& first, const timed_fact& second) {
  return {joined(first.what.value, second.what.value)};
}

struct interval_join_kind {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  bool left = false;
  std::array<bool, 2> late_aside{}; // of each stream
};

/// Pairs whose second is from `lower` to `upper` later than the first. A pair leaves when its second part comes, with the later
/// of its times, unless the watermark has reached that. A record of the first stream waits while partners can come, and leaves
/// alone then when `left`; one of the second waits while any of the first waits that it could be a partner of. One that would
/// wait no more when it comes is too late: with `late_aside` of its stream it is emitted as it came.
class interval_join_model final : public operator_node {
public:
  interval_join_model(
    std::size_t channel, const std::vector<std::size_t>& inputs, interval_join_kind kind,
    pair_function function = joined_pair)
    : operator_node{channel, inputs}, kind_{kind}, function_{std::move(function)} {}

private:
  struct waiting {
    fact what;
    std::int64_t time;
    std::int64_t until;
    bool met = false;
  };

  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    const auto for_second = std::max<std::int64_t>(kind_.upper, 0);
    const auto for_first = std::max<std::int64_t>(-kind_.lower, 0) + (kind_.left ? for_second : 0);
    waiting added{f, time, time + (input == 0 ? for_second : for_first)};
    for (auto& other : sides_[1 - input]) {
      auto& first = input == 0 ? added : other;
      const auto& second = input == 0 ? other : added;
      const auto apart = second.time - first.time;
      if (other.until <= watermark() || first.what.key != second.what.key || apart < kind_.lower || apart > kind_.upper)
        continue;
      first.met = true;
      if (const auto at = std::max(first.time, second.time); at > watermark())
        for (const auto v : function_({first.what, first.time}, {second.what, second.time}))
          emit_row({f.key, v}, at);
    }
    if (added.until > watermark())
      sides_[input].push_back(added);
    else if (kind_.late_aside[input])
      emit_row(f, time);
  }

  void on_watermark(std::int64_t to) override {
    for (const auto& first : sides_[0])
      if (kind_.left && !first.met && first.until > watermark() && first.until <= to)
        emit_row({first.what.key, joined(first.what.value, std::nullopt)}, first.until);
  }

  const interval_join_kind kind_;
  const pair_function function_;
  std::vector<waiting> sides_[2];
};

/// Each record of the first stream with the last value of the second up to its time, when the watermark has reached that; those
/// that find none only when `left`.
class lookup_model final : public operator_node {
public:
  lookup_model(std::size_t channel, const std::vector<std::size_t>& inputs, bool left)
    : operator_node{channel, inputs}, left_{left} {}

private:
  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    if (input == 1)
      values_.push_back({f, time});
    else if (time > watermark())
      asking_.push_back({f, time});
  }

  void on_watermark(std::int64_t to) override {
    for (const auto& a : asking_) {
      if (a.time <= watermark() || a.time > to)
        continue;
      const timed_fact* last = nullptr;
      for (const auto& v : values_)
        if (v.what.key == a.what.key && v.time <= a.time && (!last || v.time >= last->time))
          last = &v;
      if (last || left_)
        emit_row({a.what.key, joined(a.what.value, last ? std::optional{last->what.value} : std::nullopt)}, a.time);
    }
  }

  const bool left_;
  std::vector<timed_fact> asking_;
  std::vector<timed_fact> values_;
};

/// Each record of the first stream at once, with the value of the second that came last; those that find none only when `left`.
class latest_lookup_model final : public operator_node {
public:
  latest_lookup_model(std::size_t channel, const std::vector<std::size_t>& inputs, bool left)
    : operator_node{channel, inputs}, left_{left} {}

private:
  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    if (input == 1)
      return values_.push_back(f);
    std::optional<std::int64_t> last;
    for (const auto& v : values_)
      if (v.key == f.key)
        last = v.value;
    if (last || left_)
      emit_row({f.key, joined(f.value, last)}, time);
  }

  const bool left_;
  std::vector<fact> values_;
};

/// Records of the first stream wait, each with a timer `delay` behind its time. Each of the second emits all that wait, with
/// itself, and deletes the timer `delay` behind its own time; one whose value is odd lets them wait no longer. A timer emits
/// what waits then.
class co_process_model final : public operator_node {
public:
  co_process_model(std::size_t channel, const std::vector<std::size_t>& inputs, std::int64_t delay)
    : operator_node{channel, inputs}, delay_{delay} {}

private:
  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    if (input == 0) {
      waiting_.push_back(f);
      timers_.emplace(time + delay_, f.key);
      return;
    }
    emit_row({f.key, joined(waiting(f.key), f.value)}, time);
    timers_.erase({time + delay_, f.key});
    if (f.value % 2 != 0)
      std::erase_if(waiting_, [&](const fact& w) { return w.key == f.key; });
  }

  void on_watermark(std::int64_t to) override {
    for (; !timers_.empty() && timers_.begin()->first <= to; timers_.erase(timers_.begin()))
      emit_row({timers_.begin()->second, waiting(timers_.begin()->second)}, timers_.begin()->first);
  }

  [[nodiscard]] std::int64_t waiting(std::int64_t key) const {
    values of_key;
    for (const auto& w : waiting_)
      if (w.key == key)
        of_key.push_back(w.value);
    return ordered_digest(of_key);
  }

  const std::int64_t delay_;
  std::vector<fact> waiting_;
  std::set<std::pair<std::int64_t, std::int64_t>> timers_;
};

/// Each record at once, turned into any number of facts, those of the second stream in another way. It keeps nothing.
class plain_co_process_model final : public operator_node {
public:
  using function = std::function<values(std::int64_t value)>;

  plain_co_process_model(std::size_t channel, const std::vector<std::size_t>& inputs, function of_first, function of_second)
    : operator_node{channel, inputs}, functions_{std::move(of_first), std::move(of_second)} {}

private:
  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    for (const auto v : functions_[input](f.value))
      emit_row({f.key, v}, time);
  }

  const function functions_[2];
};

/// The second stream says rules by key: a value, or that there is none any more, or none of any key. Each record of the first
/// goes with its rule and the number of rules.
class broadcast_model final : public operator_node {
public:
  using operator_node::operator_node;

private:
  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    if (input == 1)
      return said_.push_back(f);
    std::map<std::int64_t, std::int64_t> rules;
    for (const auto& s : said_)
      if (s.value % 17 == 16)
        rules.clear();
      else if (s.value % 5 == 4)
        rules.erase(s.key);
      else
        rules[s.key] = s.value;
    const auto rule = rules.find(f.key);
    const auto found = rule == rules.end() ? std::nullopt : std::optional{rule->second};
    emit_row({f.key, joined(f.value, found) + static_cast<std::int64_t>(rules.size())}, time);
  }

  std::vector<fact> said_;
};

} // namespace leat::reference
