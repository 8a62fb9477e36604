#pragma once

#include <leat/operators/emitting_step.hpp>
#include <leat/operators/keyed_context.hpp>
#include <leat/operators/side_output.hpp>
#include <leat/operators/state/keyed_rows.hpp>
#include <leat/operators/state/state_handle.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// The part that steps share which run a user's function with state and timers in one shard, whatever their inputs.
///
/// Timers fire in the order of their times, before the watermark that they have waited for goes on, so that what they emit
/// is not late. Records leave with the event time of what has led to them; what a processing-time timer emits is put just
/// behind the watermark. A barrier's time is raised to that of the last event-time timer: until it has fired, what came
/// before the barrier may not have shown.
template <class Key, class Out, class Function>
class keyed_step : public emitting_step<Out> {
  static constexpr bool has_timers =
    requires(Function & f, timestamp when, keyed_context<Key>& context, collector<Out>& out) {
    f.on_timer(when, context, out);
  };

public:
  void on_signal(const signal& s) override {
    signal_ = s;
    if (s.kind == signal_kind::watermark) {
      signal_->time = timers_.reached = std::max(s.time, timers_.watermark);
    } else if (s.kind == signal_kind::barrier && (has_timers || timers_.hold > timers_.watermark)) {
      signal_->time = std::max(s.time, timers_.settles_at());
      signal_->windowed = true;
    }
    resume();
  }

  [[nodiscard]] timestamp next_processing_time() const override {
    return ended_ ? max_timestamp : std::min(timers_.processing.next(), rows_.next_expiry());
  }

  void on_processing_time() override {
    rows_.expire();
    processing_until_ = clock_.now();
    resume();
  }

  void resume() override { this->set_parked(!work()); }

  void save(state_writer& to) const override {
    rows_.save(to);
    broadcast_.save(to);
    timers_.save(to);
  }

  saved save_changes(state_writer& to) override {
    if (!layout_.marked())
      return emitting_step<Out>::save_changes(to);
    rows_.save_changes(to);
    broadcast_.save(to);
    timers_.save_changes(to);
    return saved::changes;
  }

  bool leave_stored(const state_entry& entry) override { return rows_.leave_stored(entry); }
  void on_stored(std::uint32_t snapshots) override { rows_.on_stored(snapshots); }
  void on_failed() override { rows_.let_go(); }
  [[nodiscard]] bool wants_checkpoint() const override { return rows_.wants_checkpoint(); }
  [[nodiscard]] bool is_full() const override { return rows_.is_full(); }

  [[nodiscard]] std::vector<state_description> states() const override {
    auto all = broadcast_.describe();
    for (const auto& s : layout_.slots())
      all.push_back({s.name, s.type, &encoded_type_of<Key>(), s.encoded});
    step_timers<Key>::describe(all, has_timers);
    return all;
  }

  [[nodiscard]] bool emits_to(std::string_view side_output) const override { return may_emit_to(function_, side_output); }

  /// A user's function decides itself what it has changed before it throws; Leat's own would be left in the middle.
  [[nodiscard]] bool refuses() const override {
    return !requires(const Function& f, std::string_view side_output) { f.emits_to(side_output); };
  }

  [[nodiscard]] bool has_event_time_windows() const override {
    if constexpr (requires { function_.has_event_time_windows(); })
      return function_.has_event_time_windows();
    else
      return false;
  }

  void load(const state_entry& entry) override {
    if (!has_timers && (entry.state == "leat.timers" || entry.state == "leat.processing_timers"))
      throw state_error{
        "step '" + this->context().name +
        "' was saved with timers that are pending, and its function has no on_timer any more: keep one until they have "
        "fired, or give the step another uid to begin without state"};
    if (!rows_.load(entry) && !broadcast_.load(entry) && !timers_.load(entry))
      throw this->unknown_state(entry);
  }

protected:
  keyed_step(step_context context, Function function)
    : emitting_step<Out>{std::move(context)}, function_{std::move(function)}, clock_{*this->context().clock},
      layout_{this->context().snapshots, this->context().stored != nullptr},
      rows_{layout_, clock_, this->context().stored.get(), this->context().memory},
      context_{timers_, this->sides(), clock_}, entries_{this->counter("state_entries")}, pending_timers_{
                                                                                            this->counter("timers")} {
    if (!has_timers)
      timers_.deaf = &this->context().name;
    if (layout_.marked()) {
      timers_.event.track_changes();
      timers_.processing.track_changes();
    }
    if constexpr (requires(state_registry & r) { function_.open(r); }) {
      state_registry registry{this->context(), layout_, rows_, broadcast_};
      function_.open(registry);
    }
  }

  /// Takes a batch of one of the step's inputs, which `work_off` is asked to work off.
  void take_in(batch_ptr in, std::size_t input = 0) {
    this->letters().on_records(in->size());
    in_ = std::move(in);
    input_ = input;
    next_ = 0;
    resume();
  }

  /// Goes on with the batch that was taken in from `input`; false when the flow was blocked before its end.
  virtual bool work_off(std::size_t input) = 0;

  /// Does that for a batch of `T`, which has key hashes: `call(record)` for each.
  template <class T, class KeyOf, class Call>
  bool work_off_batch(const KeyOf& key_of, Call&& call) {
    const auto records = std::as_const(batch<T>::of(*in_)).records();
    const auto times = std::as_const(*in_).timestamps();
    const auto hashes = std::as_const(*in_).key_hashes();
    for (; next_ < records.size(); ++next_) {
      if (!this->emit_full() || this->blocked())
        return false;
      decltype(auto) key = std::invoke(key_of, records[next_]);
      const hashed_key<Key> k{key, hashes[next_]};
      turn_to(k, times[next_], times[next_], time_domain::event);
      this->run_for(records[next_], times[next_], in_->origin(next_), [&] { call(records[next_]); });
      rows_.release();
    }
    return true;
  }

  /// The same for records that belong to no key and may change broadcast states: `call(record, time)`.
  template <class T, class Call>
  bool work_off_broadcast(Call&& call) {
    const auto records = std::as_const(batch<T>::of(*in_)).records();
    const auto times = std::as_const(*in_).timestamps();
    for (; next_ < records.size(); ++next_) {
      if (!this->emit_full() || this->blocked())
        return false;
      this->out().set_time(times[next_]);
      broadcast_.set_writable(true);
      this->run_user_code([&] { call(records[next_], times[next_]); }); // what all actors keep alike cannot do without one
      broadcast_.set_writable(false);
    }
    return true;
  }

  [[nodiscard]] Function& function() noexcept { return function_; }
  [[nodiscard]] keyed_context<Key>& keyed() noexcept { return context_; }

private:
  /// Goes on where it stopped; false when the flow was blocked before the end.
  bool work() {
    if (in_) {
      if (!work_off(input_))
        return false;
      in_.reset();
    }
    rows_.shrink();
    if (!fire(timers_.processing, processing_until_, time_domain::processing))
      return false;
    if (watermark_rises() && !fire(timers_.event, signal_->time, time_domain::event))
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

  /// A watermark is said again by an input that wakes, and after a restart: that fires nothing.
  [[nodiscard]] bool watermark_rises() const noexcept {
    return signal_ && signal_->kind == signal_kind::watermark && signal_->time > timers_.watermark;
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
        turn_to({due.key, due.hash}, due.when, emit_time, domain);
        this->run_user_code([&] { function_.on_timer(due.when, context_, this->out()); });
        rows_.release();
      }
    }
    return true;
  }

  void turn_to(const hashed_key<Key>& k, timestamp time, timestamp emit_time, time_domain domain) {
    rows_.select(k);
    context_.turn_to(k, time, emit_time, domain);
    this->out().set_time(emit_time);
  }

  [[nodiscard]] timestamp behind_watermark() const noexcept {
    if (timers_.watermark == min_timestamp)
      return clock_.now();
    return timers_.watermark == max_timestamp ? max_timestamp : timers_.watermark + duration{1};
  }

  void pass_on_signal() {
    const auto s = *std::exchange(signal_, std::nullopt);
    if (s.kind == signal_kind::watermark) {
      timers_.watermark = s.time;
      timers_.ahead.pass(s.time);
    }
    if (s.kind == signal_kind::end) {
      ended_ = true;
      rows_.close();
    }
    entries_.set(static_cast<std::int64_t>(rows_.size()));
    pending_timers_.set(static_cast<std::int64_t>(timers_.event.size() + timers_.processing.size()));
    this->emit(s);
  }

  Function function_;
  broadcast_states broadcast_;
  const processing_clock& clock_;
  state_layout layout_;
  keyed_rows<Key> rows_;
  step_timers<Key> timers_{this->context()};
  keyed_context<Key> context_;
  metric& entries_;
  metric& pending_timers_;

  batch_ptr in_; // being worked off
  std::size_t input_ = 0;
  std::size_t next_ = 0;
  std::optional<signal> signal_; // behind what is still to be emitted
  timestamp processing_until_ = min_timestamp;
  bool ended_ = false; // the stream: nothing fires or expires any more
};

} // namespace leat
