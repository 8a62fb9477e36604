#pragma once

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoding.hpp>
#include <leat/operators/shard_times.hpp>
#include <leat/operators/slices.hpp>
#include <leat/operators/step.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace leat {

/// Aggregates each key's records over windows of event time and emits a row per key and window when the window fires.
///
/// A window fires when the watermark reaches its last millisecond; windows fire in the order of their ends. A record whose
/// windows have all fired is late: it is dropped and counted in `late_records`; one that falls between windows which leave
/// gaps (slide > size) is counted in `gap_records`. Rows carry the window's last millisecond as event time, and the
/// watermark is passed on behind them.
///
/// `KeyOf` reads a record's key and `Aggregation` has the shape of `columns_aggregation`. Needs batches with key hashes. `Tracks`:
/// what has changed, for `save_changes`; made by `make_window_step`.
template <class T, class Key, class KeyOf, class Aggregation, bool Tracks>
class window_step final : public step {
public:
  using output = typename Aggregation::output;

  window_step(step_context context, window_spec spec, KeyOf key_of, Aggregation aggregation)
    : step{std::move(context)}, spec_{spec}, key_of_{std::move(key_of)}, aggregation_{std::move(aggregation)},
      late_{counter("late_records")}, in_gap_{counter("gap_records")}, entries_{counter("state_entries")} {}

  void on_batch(batch_ptr in) override {
    const auto records = std::as_const(batch<T>::of(*in)).records();
    const auto times = in->timestamps();
    const auto hashes = in->key_hashes();
    run_user_code([&] {
      for (std::size_t i = 0; i < records.size(); ++i) {
        auto* const slice = slice_of(times[i]);
        if (!slice) [[unlikely]]
          continue;
        decltype(auto) key = std::invoke(key_of_, records[i]);
        aggregation_.add(state_.edit(*slice, hashed_key<Key>{key, hashes[i]}), records[i]);
      }
    });
  }

  void on_signal(const signal& s) override {
    if (s.kind == signal_kind::watermark) {
      pending_ = std::max(s.time, watermark_);
      forget_what_others_fired();
      resume();
    } else if (s.kind == signal_kind::barrier) {
      auto passed = s;
      passed.time = settles_at(s.time);
      passed.windowed = true;
      emit(passed);
    } else {
      emit(s);
    }
  }

  void resume() override { set_parked(!advance()); }
  [[nodiscard]] bool emits_to(std::string_view) const override { return false; }
  [[nodiscard]] bool has_event_time_windows() const override { return true; }

  [[nodiscard]] timestamp needs_after(timestamp settled) const override {
    if (settled == min_timestamp)
      return settled;
    return std::min(settled, spec_.first_window_ending_after(settled + duration{1}).start - duration{1});
  }

  /// The times are keys, as shards may differ in them: those of a restart go on from the least, and know which keys are ahead.
  void save(state_writer& to) const override {
    state_.for_each([&](const auto&... row) { put(to, row...); });
    save_times(to);
  }

  saved save_changes(state_writer& to) override {
    if constexpr (Tracks) {
      const bool changes = state_.save_changes(
        [&](const auto&... row) { put(to, row...); },
        [&](timestamp slice, const Key& key) {
          to.remove({"leat.slices", encoded(std::tie(slice, key)), {}, state_owner::key, key_hash(key)});
        });
      save_times(to);
      return changes ? saved::changes : saved::everything;
    } else {
      return step::save_changes(to);
    }
  }

  [[nodiscard]] std::vector<state_description> states() const override {
    return {
      {"leat.slices", nullptr, &encoded_type_of<std::pair<timestamp, Key>>(),
       &encoded_type_of<typename Aggregation::accumulator>(), spec_.to_text()},
      {"leat.fired_until", nullptr, &encoded_type_of<timestamp>()},
      {"leat.watermark", nullptr, &shard_times::key_type()}};
  }

  void load(const state_entry& entry) override {
    if (entry.state == "leat.slices") {
      const auto [slice, key] = decoded<std::pair<timestamp, Key>>(entry.key);
      state_.load(slice, hashed_key<Key>{key, key_hash(key)}) = decoded<typename Aggregation::accumulator>(entry.value);
    } else if (entry.state == "leat.fired_until") {
      fired_until_ = std::max(fired_until_.value_or(min_timestamp), decoded<timestamp>(entry.key));
    } else if (entry.state == "leat.watermark") {
      ahead_.load(entry.key);
      watermark_ = pending_ = ahead_.least();
    } else {
      throw unknown_state(entry);
    }
  }

private:
  using slice_state = slices<Key, typename Aggregation::accumulator, Tracks>;
  using table = typename slice_state::table;

  static void put(state_writer& to, timestamp slice, const Key& key, const typename Aggregation::accumulator& accumulator) {
    to.put({"leat.slices", encoded(std::tie(slice, key)), encoded(accumulator), state_owner::key, key_hash(key)});
  }

  void save_times(state_writer& to) const {
    if (fired_until_)
      to.put({"leat.fired_until", encoded(*fired_until_), {}, state_owner::all});
    ahead_.save("leat.watermark", watermark_, to);
  }

  /// A window in the middle of being emitted.
  struct firing {
    time_window window;
    const table* rows;
    typename table::const_iterator next;
  };

  /// By when all that came before a barrier has fired here, given by when it has before this step: rows of an earlier window
  /// that are still to come, up to `before`, open windows of this one. What has fired already counts as well: a slower shard
  /// that knows of no such window would otherwise settle earlier, and a restart send it again in part.
  [[nodiscard]] timestamp settles_at(timestamp before) const {
    auto latest = before;
    if (fired_until_)
      latest = std::max(latest, *fired_until_ - duration{1});
    if (!state_.empty())
      latest = std::max(latest, spec_.last_window(state_.last()).last());
    if (before != min_timestamp) // also below the watermark, which after a restart is ahead of the rows that come again
      latest = std::max(latest, spec_.last_window(before).last());
    return latest;
  }

  /// The slice for a record of time `t`; null, and counted, when no window waits for it any more.
  typename slice_state::slice* slice_of(timestamp t) {
    if (recent_ && t >= recent_start_ && t < recent_start_ + spec_.slice()) [[likely]]
      return recent_;
    const auto last = spec_.last_window(t);
    if (last.last() <= watermark_ && watermark_ != min_timestamp) {
      late_.add(1);
      return nullptr;
    }
    if (t >= last.end) {
      in_gap_.add(1);
      return nullptr;
    }
    recent_start_ = spec_.slice_start(t);
    recent_ = &state_.at(recent_start_);
    return recent_;
  }

  /// Fires all windows that end by the pending watermark, then passes it on; false when the flow was blocked before the end.
  bool advance() {
    recent_ = nullptr; // it may be dropped, and from now on be late
    while (firing_ || begin_next())
      if (!emit_rows())
        return false;
    if (blocked())
      return false;
    watermark_ = pending_;
    ahead_.pass(watermark_);
    entries_.set(static_cast<std::int64_t>(state_.entries()));
    emit(signal::watermark(watermark_));
    return true;
  }

  /// Of shards that were loaded, one may have fired more than the one whose watermark counts.
  void forget_what_others_fired() {
    if (watermark_ == min_timestamp)
      fired_until_.reset();
    else if (fired_until_ && watermark_ != max_timestamp)
      fired_until_ = std::min(*fired_until_, watermark_ + duration{1});
  }

  /// Chooses the next window that holds anything and ends by the pending watermark.
  bool begin_next() {
    if (state_.empty())
      return false;
    auto w = spec_.first_window_ending_after(state_.first());
    if (fired_until_ && w.end <= *fired_until_)
      w = spec_.first_window_ending_after(*fired_until_);
    if (watermark_ != min_timestamp && w.last() <= watermark_)
      w = spec_.first_window_ending_after(watermark_ + duration{1});
    if (w.last() > pending_)
      return false;
    const auto* rows = rows_of(w);
    firing_.emplace(firing{w, rows, rows->begin()});
    return true;
  }

  const table* rows_of(const time_window& w) {
    state_.in(w.start, w.end, parts_);
    if (parts_.size() == 1)
      return parts_.front();
    merged_.clear();
    run_user_code([&] {
      for (const auto* part : parts_)
        for (const auto& [key, row] : *part)
          aggregation_.merge(merged_[hashed_key<Key>{key, key_hash(key)}].value, row.value);
    });
    return &merged_;
  }

  /// Emits the rows of the firing window; false when the flow was blocked before the end.
  bool emit_rows() {
    auto& f = *firing_;
    const bool some_ahead = !ahead_.empty();
    const auto has_fired = [&](const Key& key) { return ahead_.of(key_hash(key)) >= f.window.last(); };
    while (f.next != f.rows->end()) {
      if (blocked())
        return false;
      auto out = take<output>(*pool_);
      run_user_code([&] {
        for (; f.next != f.rows->end() && !out->full(); ++f.next)
          if (!some_ahead || !has_fired(f.next->first)) [[likely]]
            out->push_with(f.window.last(), [&](output& slot) {
              aggregation_.write(slot, f.next->first, f.window, f.next->second.value);
            });
      });
      emit(std::move(out));
    }
    fired_until_ = f.window.end;
    state_.drop_before(spec_.next(f.window).start);
    firing_.reset();
    return true;
  }

  const window_spec spec_;
  KeyOf key_of_;
  const Aggregation aggregation_;
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<output>();
  metric& late_;
  metric& in_gap_;
  metric& entries_;

  slice_state state_;
  typename slice_state::slice* recent_ =
    nullptr; // the slice looked up last, nearly always the next one too: saves a division and a search
  timestamp recent_start_{};
  timestamp watermark_ = min_timestamp;  // the last one passed on
  timestamp pending_ = min_timestamp;    // the one being worked on
  std::optional<timestamp> fired_until_; // end of the last window that fired
  shard_times ahead_{context()};         // keys for which more than `watermark_` says had fired when they were saved
  std::optional<firing> firing_;
  table merged_;                    // rows of the firing window when it spans several slices
  std::vector<const table*> parts_; // scratch of rows_of
};

/// The step that fits its context: without checkpoints its rows are smaller.
template <class T, class Key, class KeyOf, class Aggregation>
std::unique_ptr<step> make_window_step(step_context context, window_spec spec, KeyOf key_of, Aggregation aggregation) {
  if (context.snapshots)
    return std::make_unique<window_step<T, Key, KeyOf, Aggregation, true>>(
      std::move(context), spec, std::move(key_of), std::move(aggregation));
  return std::make_unique<window_step<T, Key, KeyOf, Aggregation, false>>(
    std::move(context), spec, std::move(key_of), std::move(aggregation));
}

} // namespace leat
