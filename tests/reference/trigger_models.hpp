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

/// Windows as those of `window_model`, which emit the ordered digest of what they hold, whenever a trigger says so.
class triggered_window_model final : public operator_node {
public:
  triggered_window_model(
    std::size_t channel, const std::vector<std::size_t>& inputs, window_kind windows, trigger_kind trigger,
    evictor_kind evictor)
    : operator_node{channel, inputs}, windows_{windows}, trigger_{trigger}, evictor_{evictor} {}

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
          fire(w, trigger_.purging);
        break;
      case when::special:
        if (late || time % 3 == 0)
          fire(w, false);
        break;
      default:
        if (late)
          fire(w, trigger_.purging);
        else if (trigger_.when == when::every && !pulses_.contains(w))
          add_pulses(w, time);
      }
      if (!late)
        ends_.insert(w);
    }
  }

  /// All multiples of `n` behind `time`, as far as the window's end.
  void add_pulses(const window_id& w, std::int64_t time) {
    auto& of_window = pulses_[w];
    for (auto t = time + 1; t < last(w); ++t)
      if (t % trigger_.n == 0)
        of_window.insert(t);
  }

  void on_watermark(std::int64_t to) override {
    for (auto& [w, times] : pulses_)
      while (!times.empty() && *times.begin() <= to) {
        times.erase(times.begin());
        fire(w, trigger_.purging);
      }
    for (auto w = ends_.begin(); w != ends_.end();) {
      if (last(*w) > to) {
        ++w;
        continue;
      }
      if (trigger_.when != when::count)
        fire(*w, trigger_.purging || trigger_.when == when::special);
      w = ends_.erase(w);
    }
  }

  void fire(const window_id& w, bool purge) {
    std::vector<placed*> held;
    for (auto& p : all_)
      if (p.of == w && !p.gone)
        held.push_back(&p);
    if (held.empty())
      return;
    evict(held);
    values left;
    for (auto* p : held)
      if (!p->gone) {
        left.push_back(p->what.value);
        p->gone = purge;
      }
    emit_row({w.second, ordered_digest(left)}, last(w));
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
  std::vector<placed> all_;
  std::map<window_id, std::set<std::int64_t>> pulses_;
  std::set<window_id> ends_; // of windows that the watermark has not reached
};

} // namespace leat::reference
