#pragma once

#include <leat/tests/reference/window_models.hpp>

namespace leat::reference {

/// The digest of all values of a key, with each that comes.
class running_model final : public operator_node {
public:
  using operator_node::operator_node;

private:
  void on_record(std::size_t, const fact& f, std::int64_t time) override {
    all_.push_back(f);
    std::vector<std::int64_t> of_key;
    for (const auto& a : all_)
      if (a.key == f.key)
        of_key.push_back(a.value);
    emit_row({f.key, ordered_digest(of_key)}, time);
  }
  void on_watermark(std::int64_t) override {}

  std::vector<fact> all_;
};

/// Each record sets a timer `delay` later, one per key and time, unless the watermark has reached that. It says how many records of the key have come by then.
class timer_model final : public operator_node {
public:
  timer_model(std::size_t channel, const std::vector<std::size_t>& inputs, std::int64_t delay)
    : operator_node{channel, inputs}, delay_{delay} {}

private:
  void on_record(std::size_t, const fact& f, std::int64_t time) override {
    all_.push_back(f);
    if (time + delay_ > watermark())
      timers_.emplace(time + delay_, f.key);
  }
  void on_watermark(std::int64_t to) override {
    while (!timers_.empty() && timers_.begin()->first <= to) {
      const auto [when, key] = *timers_.begin();
      timers_.erase(timers_.begin());
      const auto of_key = std::count_if(all_.begin(), all_.end(), [k = key](const fact& f) { return f.key == k; });
      emit_row({key, static_cast<std::int64_t>(of_key)}, when);
    }
  }

  const std::int64_t delay_;
  std::vector<fact> all_;
  std::set<std::pair<std::int64_t, std::int64_t>> timers_;
};

/// Pairs of the two streams in one window, and records of the first alone when `left`.
class window_join_model final : public operator_node {
public:
  window_join_model(std::size_t channel, const std::vector<std::size_t>& inputs, std::int64_t size, bool left)
    : operator_node{channel, inputs}, size_{size}, left_{left} {}

private:
  struct placed {
    fact what;
    std::int64_t start;
  };

  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    const auto start = window_starts(time, size_, size_, 0).front();
    if (start + size_ - 1 > watermark())
      sides_[input].push_back({f, start});
  }

  void on_watermark(std::int64_t to) override {
    for (const auto& first : sides_[0]) {
      const auto last = first.start + size_ - 1;
      if (last <= watermark() || last > to)
        continue;
      bool met = false;
      for (const auto& second : sides_[1])
        if (second.start == first.start && second.what.key == first.what.key) {
          met = true;
          emit_row({first.what.key, joined(first.what.value, second.what.value)}, last);
        }
      if (left_ && !met)
        emit_row({first.what.key, joined(first.what.value, {})}, last);
    }
  }

  const std::int64_t size_;
  const bool left_;
  std::vector<placed> sides_[2];
};

/// Pairs whose second is from `lower` to `upper` later than the first. A pair leaves when its second part comes, with the later
/// of its times, unless the watermark has reached that. A record of the first stream waits while partners can come, and leaves
/// alone then when `left`; one of the second waits while any of the first waits that it could be a partner of.
class interval_join_model final : public operator_node {
public:
  interval_join_model(
    std::size_t channel, const std::vector<std::size_t>& inputs, std::int64_t lower, std::int64_t upper, bool left)
    : operator_node{channel, inputs}, lower_{lower}, upper_{upper}, left_{left} {}

private:
  struct waiting {
    fact what;
    std::int64_t time;
    std::int64_t until;
    bool met = false;
  };

  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    const auto for_second = std::max<std::int64_t>(upper_, 0);
    const auto for_first = std::max<std::int64_t>(-lower_, 0) + (left_ ? for_second : 0);
    waiting added{f, time, time + (input == 0 ? for_second : for_first)};
    for (auto& other : sides_[1 - input]) {
      auto& first = input == 0 ? added : other;
      const auto& second = input == 0 ? other : added;
      const auto apart = second.time - first.time;
      if (other.until <= watermark() || first.what.key != second.what.key || apart < lower_ || apart > upper_)
        continue;
      first.met = true;
      if (const auto at = std::max(first.time, second.time); at > watermark())
        emit_row({f.key, joined(first.what.value, second.what.value)}, at);
    }
    if (added.until > watermark())
      sides_[input].push_back(added);
  }

  void on_watermark(std::int64_t to) override {
    for (const auto& first : sides_[0])
      if (left_ && !first.met && first.until > watermark() && first.until <= to)
        emit_row({first.what.key, joined(first.what.value, {})}, first.until);
  }

  const std::int64_t lower_;
  const std::int64_t upper_;
  const bool left_;
  std::vector<waiting> sides_[2];
};

/// Each record of the first stream with the last value of the second up to its time, when the watermark has reached that.
class lookup_model final : public operator_node {
public:
  using operator_node::operator_node;

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
      emit_row({a.what.key, joined(a.what.value, last ? std::optional{last->what.value} : std::nullopt)}, a.time);
    }
  }

  std::vector<timed_fact> asking_;
  std::vector<timed_fact> values_;
};

} // namespace leat::reference
