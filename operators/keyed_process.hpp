#pragma once

#include <leat/operators/emitting_step.hpp>
#include <leat/operators/state/keyed_rows.hpp>
#include <leat/operators/state/state_handle.hpp>
#include <leat/operators/state/timer_queue.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace leat {

/// Which time a timer goes by.
enum class time_domain {
  event,      ///< fires when the watermark reaches its time
  processing, ///< fires when the wall clock does
};

/// The event-time and processing-time timers of one shard of a step, and the times that they go by.
template <class Key>
struct step_timers {
  timer_queue<Key> event;
  timer_queue<Key> processing;
  timestamp watermark = min_timestamp; ///< the last one that the step has passed on
  timestamp hold = min_timestamp;      ///< see `keyed_context::hold_commits_until`

  /// When all that came so far has shown.
  [[nodiscard]] timestamp settles_at() const noexcept {
    return std::max(event.latest(), hold > watermark ? hold : min_timestamp);
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

  /// The step's watermark: every record up to this time has come, or is late. While timers fire it is still the one before.
  [[nodiscard]] timestamp watermark() const noexcept { return timers_->watermark; }

  /// The wall clock, as of when the actor began what it is doing.
  [[nodiscard]] timestamp processing_time() const noexcept { return clock_->now(); }

  /// Calls `on_timer` for this key when the watermark reaches `when`; with the next watermark when it already has. At most
  /// one timer per key and time: setting it again changes nothing.
  void set_timer(timestamp when) { timers_->event.set(when, hashed()); }
  void delete_timer(timestamp when) { timers_->event.erase(when, hashed()); }

  /// The same by the wall clock. A timer that is pending when the stream ends never fires.
  void set_processing_timer(timestamp when) { timers_->processing.set(when, hashed()); }
  void delete_processing_timer(timestamp when) { timers_->processing.erase(when, hashed()); }

  /// What came so far may not have shown before the watermark reaches `when`, although no timer waits for that: positions
  /// are not committed before. Pending event-time timers say so by themselves.
  void hold_commits_until(timestamp when) noexcept { timers_->hold = std::max(timers_->hold, when); }

  /// Emits to a side output, with the event time of what the function was called with.
  template <class S>
  void emit(const side_output<S>& to, const std::type_identity_t<S>& record) {
    sides_->push(to, record, emit_time_);
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

  step_timers<Key>* timers_;
  side_outputs* sides_;
  const processing_clock* clock_;
  const Key* key_ = nullptr;
  std::uint64_t hash_ = 0;
  timestamp time_{};
  timestamp emit_time_{};
  time_domain domain_ = time_domain::event;
};

/// A function over the records of one key at a time, with state and timers:
///
///     void open(state_registry& states)                                            names its states; may be missing
///     void process(const T&, keyed_context<Key>&, collector<Out>&)                 for each record
///     void on_timer(timestamp when, keyed_context<Key>&, collector<Out>&)          for each timer; may be missing
template <class Function, class T, class Key, class Out>
concept keyed_process_function = requires(Function& f, const T& record, keyed_context<Key>& context, collector<Out>& out) {
  f.process(record, context, out);
};

/// Runs a `keyed_process_function` in one shard.
///
/// Timers fire in the order of their times, before the watermark that they have waited for goes on, so that what they emit
/// is not late. Records leave with the event time of what has led to them; what a processing-time timer emits is put just
/// behind the watermark. A barrier's time is raised to that of the last event-time timer: until it has fired, what came
/// before the barrier may not have shown. Needs batches with key hashes.
template <class T, class Key, class KeyOf, class Out, class Function>
class keyed_process_step final : public emitting_step<Out> {
  static constexpr bool has_timers =
    requires(Function & f, timestamp when, keyed_context<Key>& context, collector<Out>& out) {
    f.on_timer(when, context, out);
  };

public:
  keyed_process_step(step_context context, KeyOf key_of, Function function)
    : emitting_step<Out>{std::move(context)}, key_of_{std::move(key_of)}, function_{std::move(function)},
      clock_{*this->context().clock}, rows_{layout_, clock_}, context_{timers_, this->sides(), clock_},
      entries_{this->counter("state_entries")}, pending_timers_{this->counter("timers")} {
    if constexpr (requires(state_registry & r) { function_.open(r); }) {
      state_registry registry{this->context(), layout_, rows_};
      function_.open(registry);
    }
  }

  void on_batch(batch_ptr in) override {
    in_ = std::move(in);
    next_ = 0;
    resume();
  }

  void on_signal(const signal& s) override {
    signal_ = s;
    if (s.kind == signal_kind::watermark)
      signal_->time = std::max(s.time, timers_.watermark);
    else if (s.kind == signal_kind::barrier && has_timers)
      signal_ = signal::barrier(s.epoch, std::max(s.time, timers_.settles_at()), true);
    resume();
  }

  [[nodiscard]] timestamp next_processing_time() const override {
    return std::min(timers_.processing.next(), rows_.next_expiry());
  }

  void on_processing_time() override {
    rows_.expire();
    processing_until_ = clock_.now();
    resume();
  }

  void resume() override { this->set_parked(!work()); }

private:
  /// Goes on where it stopped; false when the flow was blocked before the end.
  bool work() {
    if (!work_off_batch())
      return false;
    if (!fire(timers_.processing, processing_until_, time_domain::processing))
      return false;
    if (signal_ && signal_->kind == signal_kind::watermark && !fire(timers_.event, signal_->time, time_domain::event))
      return false;
    if (!this->emit_all())
      return false;
    if (!signal_)
      return true;
    if (this->blocked())
      return false;
    pass_on_signal();
    return true;
  }

  bool work_off_batch() {
    if (!in_)
      return true;
    const auto records = std::as_const(batch<T>::of(*in_)).records();
    const auto times = std::as_const(*in_).timestamps();
    const auto hashes = std::as_const(*in_).key_hashes();
    for (; next_ < records.size(); ++next_) {
      if (!this->emit_full() || this->blocked())
        return false;
      decltype(auto) key = std::invoke(key_of_, records[next_]);
      const hashed_key<Key> k{key, hashes[next_]};
      with_key(k, times[next_], times[next_], time_domain::event, [&] {
        function_.process(records[next_], context_, this->out());
      });
    }
    in_.reset();
    return true;
  }

  /// Fires the timers up to `until`, those included that are set meanwhile.
  bool fire(timer_queue<Key>& queue, timestamp until, time_domain domain) {
    if constexpr (has_timers) {
      typename timer_queue<Key>::timer due;
      while (queue.next() <= until) {
        if (!this->emit_full() || this->blocked())
          return false;
        if (!queue.pop(until, due))
          break;
        const auto emit_time = domain == time_domain::event ? due.when : behind_watermark();
        with_key(
          {due.key, due.hash}, due.when, emit_time, domain, [&] { function_.on_timer(due.when, context_, this->out()); });
      }
    }
    return true;
  }

  template <class Call>
  void with_key(const hashed_key<Key>& k, timestamp time, timestamp emit_time, time_domain domain, Call&& call) {
    rows_.select(k);
    context_.turn_to(k, time, emit_time, domain);
    this->out().set_time(emit_time);
    this->run_user_code(call);
    rows_.release();
  }

  [[nodiscard]] timestamp behind_watermark() const noexcept {
    if (timers_.watermark == min_timestamp)
      return clock_.now();
    return timers_.watermark == max_timestamp ? max_timestamp : timers_.watermark + duration{1};
  }

  void pass_on_signal() {
    const auto s = *std::exchange(signal_, std::nullopt);
    if (s.kind == signal_kind::watermark)
      timers_.watermark = s.time;
    entries_.set(static_cast<std::int64_t>(rows_.size()));
    pending_timers_.set(static_cast<std::int64_t>(timers_.event.size() + timers_.processing.size()));
    this->emit(s);
  }

  KeyOf key_of_;
  Function function_;
  const processing_clock& clock_;
  state_layout layout_;
  keyed_rows<Key> rows_;
  step_timers<Key> timers_;
  keyed_context<Key> context_;
  metric& entries_;
  metric& pending_timers_;

  batch_ptr in_; // being worked off
  std::size_t next_ = 0;
  std::optional<signal> signal_; // behind what is still to be emitted
  timestamp processing_until_ = min_timestamp;
};

} // namespace leat
