#pragma once

#include <leat/tests/reference/window_models.hpp>

namespace leat::reference {

/// When a window emits.
struct trigger_kind {
  enum class when {
    at_end,
    count,   // with every `n`th record
    every,   // at each multiple of `n` behind the first record that came, and at the end
    special, // with each record whose time is a multiple of 3; at the end, when it is emptied
  } when = when::at_end;
  std::int64_t n = 1;
  bool purging = false; // emptied each time
};

/// What is removed for good before a window emits.
struct evictor_kind {
  enum class keeps {
    all,
    last, // the `n` that came last
    span, // what is less than `n` older than the newest
    even, // values
  } keeps = keeps::all;
  std::int64_t n = 1;
};

/// Windows as those of `window_model`, which emit whenever a trigger says so: those of a key in the order of time, and of one
/// time in the order in which their first records came.
class triggered_window_model final : public operator_node {
public:
  triggered_window_model(
    std::size_t channel, const std::vector<std::size_t>& inputs, window_kind windows, trigger_kind trigger,
    evictor_kind evictor, window_function function = ordered_digest_of_first)
    : operator_node{channel, inputs}, windows_{windows}, trigger_{trigger}, evictor_{evictor}, function_{
                                                                                                 std::move(function)} {}

private:
  using window_id = std::pair<std::int64_t, std::int64_t>; // start and key
  using when = enum trigger_kind::when;
  using keeps = enum evictor_kind::keeps;
  struct placed {
    fact what;
    std::int64_t time;
    window_id of;
    bool gone = false;
  };

  [[nodiscard]] std::int64_t last(const window_id& w) const { return w.first + windows_.size - 1; }

  void on_record(std::size_t, const fact& f, std::int64_t time) override {
    for (const auto start : window_starts(time, windows_.size, windows_.slide, windows_.offset)) {
      const window_id w{start, f.key};
      if (last(w) + windows_.lateness <= watermark())
        continue;
      all_.push_back({f, time, w});
      const bool late = last(w) <= watermark();
      switch (trigger_.when) {
      case when::count:
        if (std::count_if(all_.begin(), all_.end(), [&](const placed& p) { return p.of == w; }) % trigger_.n == 0)
          fire(w, trigger_.purging, watermark());
        break;
      case when::special:
        if (late || time % 3 == 0)
          fire(w, false, watermark());
        break;
      default:
        if (late)
          fire(w, trigger_.purging, watermark());
        else if (trigger_.when == when::every && !pulses_.contains(w))
          add_pulses(w, time);
      }
    }
  }

  /// All multiples of `n` behind `time`, as far as the window's end.
  void add_pulses(const window_id& w, std::int64_t time) {
    auto& of_window = pulses_[w];
    for (auto t = time + 1; t < last(w); ++t)
      if (t % trigger_.n == 0)
        of_window.insert(t);
  }

  /// In the order in which their first records came.
  [[nodiscard]] std::vector<window_id> windows() const {
    std::vector<window_id> found;
    for (const auto& p : all_)
      if (std::find(found.begin(), found.end(), p.of) == found.end())
        found.push_back(p.of);
    return found;
  }

  void on_watermark(std::int64_t to) override {
    const auto all = windows();
    std::set<std::tuple<std::int64_t, bool, std::size_t>> due; // when, whether it is dropped then, which
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (auto& times = pulses_[all[i]]; !times.empty() && *times.begin() <= to; times.erase(times.begin()))
        due.emplace(*times.begin(), false, i);
      if (const auto end = last(all[i]); end > watermark() && end <= to && trigger_.when != when::count)
        due.emplace(end, false, i);
      if (const auto gone = last(all[i]) + windows_.lateness; gone > watermark() && gone <= to)
        due.emplace(gone, true, i);
    }
    for (const auto& [time, dropped, i] : due)
      if (dropped)
        dropped_.push_back(all[i].second);
      else
        fire(all[i], trigger_.purging || trigger_.when == when::special, to);
  }

  void fire(const window_id& w, bool purge, std::int64_t watermark) {
    std::vector<placed*> held;
    for (auto& p : all_)
      if (p.of == w && !p.gone)
        held.push_back(&p);
    if (held.empty())
      return;
    evict(held);
    window_contents left{.start = w.first, .last = last(w), .watermark = watermark};
    for (auto* p : held)
      if (!p->gone) {
        left.first.push_back(p->what.value);
        p->gone = purge;
      }
    left.emitted = std::count(fired_.begin(), fired_.end(), w);
    left.emitted_of_key =
      std::count_if(fired_.begin(), fired_.end(), [&](const window_id& f) { return f.second == w.second; });
    left.dropped_of_key = std::count(dropped_.begin(), dropped_.end(), w.second);
    fired_.push_back(w);
    for (const auto v : function_(left))
      emit_row({w.second, v}, last(w));
  }

  void evict(const std::vector<placed*>& held) const {
    auto newest = beginning;
    for (const auto* p : held)
      newest = std::max(newest, p->time);
    for (std::size_t i = 0; i < held.size(); ++i) {
      auto& p = *held[i];
      const auto behind = static_cast<std::int64_t>(held.size() - i);
      p.gone = (evictor_.keeps == keeps::last && behind > evictor_.n) ||
               (evictor_.keeps == keeps::span && p.time <= newest - evictor_.n) ||
               (evictor_.keeps == keeps::even && p.what.value % 2 != 0);
    }
  }

  const window_kind windows_;
  const trigger_kind trigger_;
  const evictor_kind evictor_;
  const window_function function_;
  std::vector<placed> all_;
  std::map<window_id, std::set<std::int64_t>> pulses_;
  std::vector<window_id> fired_;
  values dropped_; // the keys of the windows that are gone
};

} // namespace leat::reference
