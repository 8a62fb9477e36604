#pragma once

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/error.hpp>
#include <leat/operators/collector.hpp>
#include <leat/operators/processing_clock.hpp>
#include <leat/operators/shard_times.hpp>
#include <leat/operators/state/timer_queue.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat {

/// Which time a timer goes by.
enum class time_domain {
  event,      ///< fires when the watermark reaches its time
  processing, ///< fires when the wall clock does
};

/// The event-time and processing-time timers of one shard of a step, and the times that they go by.
template <class Key>
struct step_timers {
  explicit step_timers(const step_context& of) : ahead{of} {}

  timer_queue<Key> event;
  timer_queue<Key> processing;
  timestamp watermark = min_timestamp; ///< the last one that the step has passed on
  timestamp reached = min_timestamp;   ///< the last one that has come: timers up to it fire
  timestamp hold = min_timestamp;      ///< see `keyed_context::hold_commits_until`
  shard_times ahead;                   ///< keys that were further than `watermark` when they were saved
  const std::string* deaf = nullptr;   ///< the step's name, when its function has no `on_timer`

  /// When all that came so far has shown.
  [[nodiscard]] timestamp settles_at() const noexcept {
    return std::max(event.latest(), hold > watermark ? hold : min_timestamp);
  }

  /// The times are keys, as shards may differ in them; of the holds the latest counts.
  void save(state_writer& to) const {
    event.save("leat.timers", to);
    processing.save("leat.processing_timers", to);
    save_times(to);
  }

  /// The same of the timers that have changed since the last call, and of the times.
  void save_changes(state_writer& to) {
    event.save_changes("leat.timers", to);
    processing.save_changes("leat.processing_timers", to);
    save_times(to);
  }

  /// What `save` writes. @param with_timers whether the function may have any.
  static void describe(std::vector<state_description>& to, bool with_timers) {
    for (const auto* const timers : {"leat.timers", "leat.processing_timers"})
      if (with_timers)
        to.push_back({timers, nullptr, &encoded_type_of<std::pair<timestamp, Key>>(), &encoded_type_of<std::uint64_t>()});
    to.push_back({"leat.watermark", nullptr, &shard_times::key_type()});
    to.push_back({"leat.hold", nullptr, &encoded_type_of<timestamp>()});
  }

  /// Takes back an entry. @returns false when it is none of these.
  bool load(const state_entry& entry) {
    if (entry.state == "leat.timers")
      event.load(entry);
    else if (entry.state == "leat.processing_timers")
      processing.load(entry);
    else if (entry.state == "leat.watermark")
      load_watermark(entry.key);
    else if (entry.state == "leat.hold")
      hold = std::max(hold, decoded<timestamp>(entry.key));
    else
      return false;
    return true;
  }

  void load_watermark(std::string_view key) {
    ahead.load(key);
    reached = watermark = ahead.least();
  }

private:
  void save_times(state_writer& to) const {
    ahead.save("leat.watermark", watermark, to);
    if (hold > watermark)
      to.put({"leat.hold", encoded(hold), {}, state_owner::all});
  }
};

/// What a keyed function learns about the record or timer it is called with, and where it sets timers and emits to side
/// outputs.
template <class Key>
class keyed_context {
public:
  keyed_context(step_timers<Key>& timers, side_outputs& sides, const processing_clock& clock)
    : timers_{&timers}, sides_{&sides}, clock_{&clock} {}

  [[nodiscard]] const Key& key() const noexcept { return *key_; }

  /// Event time of the record, or the time that the timer was set for.
  [[nodiscard]] timestamp time() const noexcept { return time_; }

  /// Which time the timer that is firing goes by; `event` for records.
  [[nodiscard]] time_domain domain() const noexcept { return domain_; }

  /// The step's watermark: every record up to this time has come, or is late. While timers fire, the one they fire for.
  [[nodiscard]] timestamp watermark() const noexcept {
    return timers_->ahead.empty() ? timers_->reached : std::max(timers_->reached, timers_->ahead.of(hash_));
  }

  /// The wall clock, as of when the actor began what it is doing.
  [[nodiscard]] timestamp processing_time() const noexcept { return clock_->now(); }

  /// Calls `on_timer` for this key when the watermark reaches `when`; with the next greater one when it already has. At most
  /// one timer per key and time: setting it again changes nothing.
  /// @throws pipeline_error when the function has no `on_timer`.
  void set_timer(timestamp when) { to_be_heard().event.set(when, hashed()); }
  void delete_timer(timestamp when) { timers_->event.erase(when, hashed()); }

  /// The same by the wall clock. A timer that is pending when the stream ends never fires.
  void set_processing_timer(timestamp when) { to_be_heard().processing.set(when, hashed()); }
  void delete_processing_timer(timestamp when) { timers_->processing.erase(when, hashed()); }

  /// What came so far may not have shown before the watermark reaches `when`, although no timer waits for that: positions
  /// are not committed before. Pending event-time timers say so by themselves.
  void hold_commits_until(timestamp when) noexcept { timers_->hold = std::max(timers_->hold, when); }

  /// Emits to a side output, with the event time of what the function was called with.
  template <class S>
  void emit(const side_output<S>& to, const std::type_identity_t<S>& record) {
    sides_->push(to, record, emit_time_);
  }

  /// Emits to a side output with an event time of its own.
  template <class S>
  void emit_at(const side_output<S>& to, const std::type_identity_t<S>& record, timestamp time) {
    sides_->push(to, record, time);
  }

  /// Called by the step.
  void turn_to(const hashed_key<Key>& k, timestamp time, timestamp emit_time, time_domain domain) noexcept {
    key_ = &k.key;
    hash_ = k.hash;
    time_ = time;
    emit_time_ = emit_time;
    domain_ = domain;
  }

private:
  [[nodiscard]] hashed_key<Key> hashed() const noexcept { return {*key_, hash_}; }

  [[nodiscard]] step_timers<Key>& to_be_heard() const {
    if (timers_->deaf)
      throw pipeline_error{
        "step '" + *timers_->deaf +
        "' sets a timer that nobody would hear of: give process(…) a class that has a member "
        "on_timer(leat::timestamp when, leat::keyed_context<Key>& context, leat::collector<Out>& out)"};
    return *timers_;
  }

  step_timers<Key>* timers_;
  side_outputs* sides_;
  const processing_clock* clock_;
  const Key* key_ = nullptr;
  std::uint64_t hash_ = 0;
  timestamp time_{};
  timestamp emit_time_{};
  time_domain domain_ = time_domain::event;
};

} // namespace leat
