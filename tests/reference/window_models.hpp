#pragma once

#include <leat/tests/reference/arithmetic.hpp>
#include <leat/tests/reference/stream_model.hpp>

#include <set>

namespace leat::reference {

/// The starts of all windows that hold `t`: those of `size` that begin every `slide` from `offset` on.
inline std::vector<std::int64_t> window_starts(std::int64_t t, std::int64_t size, std::int64_t slide, std::int64_t offset) {
  std::vector<std::int64_t> starts;
  for (auto start = t - size + 1; start <= t; ++start)
    if ((start - offset) % slide == 0)
      starts.push_back(start);
  return starts;
}

/// What a fired window emits: with `in_order` its values count in the order in which they came.
inline std::int64_t window_value(const std::vector<std::int64_t>& values, bool in_order) {
  if (in_order)
    return ordered_digest(values);
  std::int64_t sum = 0;
  for (const auto v : values)
    sum += v;
  return digest(static_cast<std::int64_t>(values.size()), sum, *std::max_element(values.begin(), values.end()));
}

struct window_kind {
  std::int64_t size = 1;
  std::int64_t slide = 1;
  std::int64_t offset = 0;
  std::int64_t lateness = 0;
  bool in_order = false;
  bool late_aside = false; // what is too late is emitted as it came
};

/// A window takes a record unless the watermark has reached its last millisecond and the lateness; it emits when the watermark
/// reaches its last millisecond, and with every record after that.
class window_model final : public operator_node {
public:
  window_model(std::size_t channel, const std::vector<std::size_t>& inputs, window_kind kind)
    : operator_node{channel, inputs}, kind_{kind} {}

private:
  struct placed {
    fact what;
    std::int64_t start;
  };

  void on_record(std::size_t, const fact& f, std::int64_t time) override {
    const auto starts = window_starts(time, kind_.size, kind_.slide, kind_.offset);
    bool taken = false;
    for (const auto start : starts) {
      const auto last = start + kind_.size - 1;
      if (last + kind_.lateness <= watermark())
        continue;
      taken = true;
      all_.push_back({f, start});
      if (last <= watermark())
        fire(start, f.key);
    }
    if (!taken && !starts.empty() && kind_.late_aside)
      emit_row(f, time);
  }

  void on_watermark(std::int64_t to) override {
    std::set<std::pair<std::int64_t, std::int64_t>> due;
    for (const auto& p : all_)
      if (const auto last = p.start + kind_.size - 1; last > watermark() && last <= to)
        due.emplace(p.start, p.what.key);
    for (const auto& [start, key] : due)
      fire(start, key);
  }

  void fire(std::int64_t start, std::int64_t key) {
    std::vector<std::int64_t> values;
    for (const auto& p : all_)
      if (p.start == start && p.what.key == key)
        values.push_back(p.what.value);
    emit_row({key, window_value(values, kind_.in_order)}, start + kind_.size - 1);
  }

  const window_kind kind_;
  std::vector<placed> all_;
};

/// Records of a key of which each is at most `gap` after another belong together. A session is forgotten when the watermark
/// has reached its last millisecond and the lateness; otherwise as `window_model`.
class session_model final : public operator_node {
public:
  session_model(std::size_t channel, const std::vector<std::size_t>& inputs, std::int64_t gap, std::int64_t lateness)
    : operator_node{channel, inputs}, gap_{gap}, lateness_{lateness} {}

private:
  struct session {
    std::int64_t start, end;
    std::vector<std::size_t> members; // indices in all_

    [[nodiscard]] std::int64_t last() const { return end - 1; }
  };

  /// Those of `key`, of what is not forgotten.
  [[nodiscard]] std::vector<session> sessions_of(std::int64_t key) const {
    std::vector<session> found;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (all_[i].what.key != key || forgotten_.contains(i))
        continue;
      session s{all_[i].time, all_[i].time + gap_, {i}};
      for (bool grown = true; grown;) {
        grown = false;
        for (auto other = found.begin(); other != found.end(); ++other)
          if (other->start <= s.end && other->end >= s.start) {
            s = {std::min(s.start, other->start), std::max(s.end, other->end), joined_members(s, *other)};
            found.erase(other);
            grown = true;
            break;
          }
      }
      found.push_back(std::move(s));
    }
    return found;
  }

  static std::vector<std::size_t> joined_members(const session& a, const session& b) {
    auto all = a.members;
    all.insert(all.end(), b.members.begin(), b.members.end());
    return all;
  }

  void on_record(std::size_t, const fact& f, std::int64_t time) override {
    all_.push_back({f, time});
    const auto added = all_.size() - 1;
    for (const auto& s : sessions_of(f.key)) {
      if (std::find(s.members.begin(), s.members.end(), added) == s.members.end())
        continue;
      if (s.last() + lateness_ <= watermark())
        forgotten_.insert(added);
      else if (s.last() <= watermark())
        fire(s);
    }
  }

  void on_watermark(std::int64_t to) override {
    std::set<std::int64_t> keys;
    for (const auto& f : all_)
      keys.insert(f.what.key);
    for (const auto key : keys)
      for (const auto& s : sessions_of(key)) {
        if (s.last() > watermark() && s.last() <= to)
          fire(s);
        if (s.last() + lateness_ <= to)
          forgotten_.insert(s.members.begin(), s.members.end());
      }
  }

  void fire(const session& s) {
    std::vector<std::int64_t> values;
    for (const auto i : s.members)
      values.push_back(all_[i].what.value);
    emit_row({all_[s.members.front()].what.key, window_value(values, false)}, s.last());
  }

  const std::int64_t gap_;
  const std::int64_t lateness_;
  std::vector<timed_fact> all_;
  std::set<std::size_t> forgotten_;
};

/// Every `count` records of a key.
class count_model final : public operator_node {
public:
  count_model(std::size_t channel, const std::vector<std::size_t>& inputs, std::size_t count)
    : operator_node{channel, inputs}, count_{count} {}

private:
  void on_record(std::size_t, const fact& f, std::int64_t time) override {
    all_.push_back(f);
    std::vector<std::int64_t> of_key;
    for (const auto& a : all_)
      if (a.key == f.key)
        of_key.push_back(a.value);
    if (of_key.size() % count_ == 0)
      emit_row({f.key, ordered_digest({of_key.end() - static_cast<std::ptrdiff_t>(count_), of_key.end()})}, time);
  }
  void on_watermark(std::int64_t) override {}

  const std::size_t count_;
  std::vector<fact> all_;
};

} // namespace leat::reference
