#pragma once

#include <leat/tests/reference/arithmetic.hpp>
#include <leat/tests/reference/stream_model.hpp>

#include <functional>
#include <set>
#include <tuple>
#include <vector>

namespace leat::reference {

/// The starts of all windows that hold `t`: those of `size` that begin every `slide` from `offset` on.
inline std::vector<std::int64_t> window_starts(std::int64_t t, std::int64_t size, std::int64_t slide, std::int64_t offset) {
  std::vector<std::int64_t> starts;
  for (auto start = t - size + 1; start <= t; ++start)
    if ((start - offset) % slide == 0)
      starts.push_back(start);
  return starts;
}

/// What a window holds when it fires, in the order in which it came; of both streams when it joins two.
struct window_contents {
  std::int64_t start = 0;
  std::int64_t last = 0; // millisecond
  values first{};
  values second{};

  // What a function may know, or keep:
  std::int64_t watermark = beginning;
  std::int64_t emitted = 0;        // how often the window has before
  std::int64_t emitted_of_key = 0; // how often the windows of its key have
  std::int64_t dropped_of_key = 0; // how many of these are gone
};

/// What a window emits.
using window_function = std::function<values(const window_contents&)>;

inline values digest_of_first(const window_contents& w) { return {digest(w.first)}; }
inline values ordered_digest_of_first(const window_contents& w) { return {ordered_digest(w.first)}; }

struct window_kind {
  std::int64_t size = 1;
  std::int64_t slide = 1;
  std::int64_t offset = 0;
  std::int64_t lateness = 0;
  bool late_aside = false; // what is too late is emitted as it came
};

/// A window takes a record unless the watermark has reached its last millisecond and the lateness; it emits when the watermark
/// reaches its last millisecond, and with every record after that. It is gone when the watermark has reached the lateness too.
class window_model final : public operator_node {
public:
  window_model(
    std::size_t channel, const std::vector<std::size_t>& inputs, window_kind kind,
    window_function function = digest_of_first)
    : operator_node{channel, inputs}, kind_{kind}, function_{std::move(function)} {}

private:
  using window_id = std::pair<std::int64_t, std::int64_t>; // start and key
  struct placed {
    std::size_t input;
    fact what;
    std::int64_t start;
  };

  [[nodiscard]] std::int64_t last(std::int64_t start) const { return start + kind_.size - 1; }

  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    const auto starts = window_starts(time, kind_.size, kind_.slide, kind_.offset);
    bool taken = false;
    for (const auto start : starts) {
      if (last(start) + kind_.lateness <= watermark())
        continue;
      taken = true;
      all_.push_back({input, f, start});
      if (last(start) <= watermark())
        fire({start, f.key}, watermark(), watermark() + 1);
    }
    if (!taken && !starts.empty() && kind_.late_aside)
      emit_row(f, time);
  }

  void on_watermark(std::int64_t to) override {
    std::set<window_id> due;
    for (const auto& p : all_)
      if (last(p.start) > watermark() && last(p.start) <= to)
        due.emplace(p.start, p.what.key);
    for (const auto& w : due)
      fire(w, to, last(w.first));
  }

  /// @param dropped_before the end of the lateness of windows that are gone.
  void fire(const window_id& w, std::int64_t watermark, std::int64_t dropped_before) {
    const auto& [start, key] = w;
    window_contents held{.start = start, .last = last(start), .watermark = watermark};
    std::set<std::int64_t> dropped;
    for (const auto& p : all_) {
      if (p.start == start && p.what.key == key)
        (p.input == 0 ? held.first : held.second).push_back(p.what.value);
      if (p.what.key == key && last(p.start) + kind_.lateness < dropped_before)
        dropped.insert(p.start);
    }
    held.dropped_of_key = static_cast<std::int64_t>(dropped.size());
    for (const auto& f : fired_) {
      held.emitted += f == w;
      held.emitted_of_key += f.second == key;
    }
    fired_.push_back(w);
    for (const auto v : function_(held))
      emit_row({key, v}, last(start));
  }

  const window_kind kind_;
  const window_function function_;
  std::vector<placed> all_;
  std::vector<window_id> fired_;
};

struct session_kind {
  std::int64_t gap = 1;
  std::int64_t lateness = 0;
  bool late_aside = false;  // what is too late is emitted as it came
  std::int64_t patient = 0; // by how much the gap is longer for a value with the remainder 1 of 3; twice for 2

  [[nodiscard]] std::int64_t gap_of(const fact& f) const { return gap + f.value % 3 * patient; }
};

/// Each record stands for the time from its own to its gap later; those of a key whose times touch belong together. A session
/// is forgotten when the watermark has reached its last millisecond and the lateness; otherwise as `window_model`. What a
/// session was before it became part of another is not dropped. With `clock` their times are those at which they come, and a
/// session emits when the clock reaches its last millisecond.
class session_model final : public operator_node {
public:
  session_model(
    std::size_t channel, const std::vector<std::size_t>& inputs, session_kind kind, const model_clock* clock = nullptr,
    window_function function = digest_of_first)
    : operator_node{channel, inputs}, kind_{kind}, clock_{clock}, function_{std::move(function)} {}

private:
  struct placed {
    std::size_t input;
    fact what;
    std::int64_t time;
  };
  struct session {
    std::int64_t start, end;
    std::set<std::size_t> members; // indices in all_

    [[nodiscard]] std::int64_t last() const { return end - 1; }
  };

  /// Those of all keys, of what is not forgotten.
  [[nodiscard]] std::vector<session> sessions() const {
    std::vector<session> found;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (forgotten_.contains(i))
        continue;
      session s{all_[i].time, all_[i].time + kind_.gap_of(all_[i].what), {i}};
      for (bool grown = true; grown;) {
        grown = false;
        for (auto other = found.begin(); other != found.end(); ++other)
          if (
            all_[*other->members.begin()].what.key == all_[i].what.key && other->start <= s.end && other->end >= s.start) {
            s.start = std::min(s.start, other->start);
            s.end = std::max(s.end, other->end);
            s.members.merge(other->members);
            found.erase(other);
            grown = true;
            break;
          }
      }
      found.push_back(std::move(s));
    }
    return found;
  }

  void on_record(std::size_t input, const fact& f, std::int64_t time) override {
    all_.push_back({input, f, clock_ ? clock_->now : time});
    if (clock_)
      return;
    const auto added = all_.size() - 1;
    for (const auto& s : sessions()) {
      if (!s.members.contains(added))
        continue;
      if (s.last() + kind_.lateness <= watermark()) {
        forgotten_.insert(added);
        if (kind_.late_aside)
          emit_row(f, time);
      } else if (s.last() <= watermark()) {
        fire(s, watermark());
      }
    }
  }

  void on_watermark(std::int64_t to) override {
    if (clock_)
      return;
    const auto all = sessions();
    std::set<std::tuple<std::int64_t, bool, std::size_t>> due; // when, whether it is forgotten then, which
    for (std::size_t i = 0; i < all.size(); ++i) {
      due.emplace(all[i].last(), false, i);
      due.emplace(all[i].last() + kind_.lateness, true, i);
    }
    for (const auto& [when, forgotten, i] : due)
      if (when > watermark() && when <= to)
        forgotten ? forget(all[i]) : fire(all[i], to);
  }

  [[nodiscard]] std::int64_t wakes_at() const override {
    auto first = end_of_time;
    if (clock_)
      for (const auto& s : sessions())
        first = std::min(first, s.last());
    return first;
  }
  void on_processing_time() override {
    for (const auto& s : sessions())
      if (s.last() <= clock_->now) {
        fire(s, watermark());
        forget(s);
      }
  }

  [[nodiscard]] std::int64_t key_of(const session& s) const { return all_[*s.members.begin()].what.key; }

  void forget(const session& s) {
    forgotten_.insert(s.members.begin(), s.members.end());
    dropped_.push_back(key_of(s));
  }

  void fire(const session& s, std::int64_t watermark) {
    window_contents held{.start = s.start, .last = s.last(), .watermark = watermark};
    held.emitted_of_key = std::count(fired_.begin(), fired_.end(), key_of(s));
    held.dropped_of_key = std::count(dropped_.begin(), dropped_.end(), key_of(s));
    fired_.push_back(key_of(s));
    for (const auto i : s.members)
      (all_[i].input == 0 ? held.first : held.second).push_back(all_[i].what.value);
    for (const auto v : function_(held))
      emit_row({key_of(s), v}, s.last());
  }

  const session_kind kind_;
  const model_clock* const clock_;
  const window_function function_;
  std::vector<placed> all_;
  std::set<std::size_t> forgotten_;
  values fired_;   // the keys of the sessions that have emitted
  values dropped_; // and of those that are gone
};

/// Windows of the times at which records come. They emit when the clock reaches their last millisecond, and are empty again.
class clock_window_model final : public operator_node {
public:
  clock_window_model(
    std::size_t channel, const std::vector<std::size_t>& inputs, window_kind kind, const model_clock& clock)
    : operator_node{channel, inputs}, kind_{kind}, clock_{clock} {}

private:
  struct placed {
    fact what;
    std::int64_t start;
    bool gone = false;
  };

  void on_record(std::size_t, const fact& f, std::int64_t) override {
    for (const auto start : window_starts(clock_.now, kind_.size, kind_.slide, kind_.offset))
      all_.push_back({f, start});
  }

  [[nodiscard]] std::int64_t wakes_at() const override {
    auto first = end_of_time;
    for (const auto& p : all_)
      if (!p.gone)
        first = std::min(first, p.start + kind_.size - 1);
    return first;
  }

  void on_processing_time() override {
    std::set<std::pair<std::int64_t, std::int64_t>> due;
    for (const auto& p : all_)
      if (!p.gone && p.start + kind_.size - 1 <= clock_.now)
        due.emplace(p.start, p.what.key);
    for (const auto& [start, key] : due) {
      values held;
      for (auto& p : all_)
        if (!p.gone && p.start == start && p.what.key == key) {
          held.push_back(p.what.value);
          p.gone = true;
        }
      emit_row({key, digest(held)}, start + kind_.size - 1);
    }
  }

  const window_kind kind_;
  const model_clock& clock_;
  std::vector<placed> all_;
};

} // namespace leat::reference
