#pragma once

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/operators/async/async_options.hpp>
#include <leat/operators/async/async_result.hpp>
#include <leat/operators/emitting_step.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace leat {

/// Makes up to `capacity` calls at a time and emits what they come to, with their records' event times.
///
/// Signals keep their place: one is passed on when all calls before it have come to an end, but for a barrier at which what steps
/// keep is saved, for that is the calls themselves. Ordered results wait for those
/// of earlier records; unordered ones only for signals. A call that fails is made again after a delay, until its attempts
/// or its time are used up. After Flink's `AsyncWaitOperator`.
///
/// Outcomes come in through the actor's waker, deadlines through processing time; both lead to `settle`. Parked means: no
/// further record before a call has ended, or the end waits for the last of them.
template <class T, class Out, class Function>
class async_step final : public emitting_step<Out> {
  static constexpr bool says_what_failed =
    requires(Function & f, const T& record, const std::string& why, collector<Out>& out) {
    f.failed(record, why, out);
  };
  static_assert(
    says_what_failed || !requires { &Function::failed; },
    "async<U>(f): f has a member failed that cannot be called: it takes (const T& record, const std::string& reason, "
    "leat::collector<U>&)");

public:
  async_step(step_context context, async_options options, Function function)
    : emitting_step<Out>{std::move(context)}, options_{options}, function_{std::move(function)},
      clock_{*this->context().clock}, inbox_{std::make_shared<async_inbox<Out>>(this->context().wake)},
      in_flight_{this->counter("calls_in_flight")}, retries_{this->counter("calls_retried")}, failures_{this->counter(
                                                                                                "calls_failed")} {}

  void on_batch(batch_ptr in) override {
    this->letters().on_records(in->size());
    in_ = std::move(in);
    next_ = 0;
    resume();
  }

  void on_signal(const signal& s) override {
    if (s.kind == signal_kind::barrier && this->context().snapshots) {
      overtaking_ = s;
    } else if (loaded_.empty() && !loaded_watermark_) {
      enqueue(s);
    } else {
      end_loading();
      if (auto* const last = std::get_if<signal>(&loaded_.back()); last && replaces(s, *last))
        *last = s;
      else
        loaded_.push_back(s);
    }
    resume();
  }

  [[nodiscard]] timestamp next_processing_time() const override {
    if (inbox_->any() || ((!loaded_.empty() || loaded_watermark_) && !this->parked()))
      return clock_.now();
    const auto first = std::ranges::find_if(queue_, [](const entry& e) {
      const auto* const c = std::get_if<call>(&e.what);
      return c && !c->ended;
    });
    const auto deadline = first == queue_.end() ? max_timestamp : std::get<call>(first->what).deadline;
    return again_.empty() ? deadline : std::min(deadline, again_.begin()->first);
  }

  void on_processing_time() override { resume(); }
  void resume() override { this->set_parked(!work()); }

  /// Saves the records whose calls are under way, in their order: they are made again when it is loaded, before anything new.
  /// The calls of one actor stay together; when there are fewer or more actors then, other records of a key may overtake them.
  void save(state_writer& to) const override {
    std::vector<std::pair<timestamp, T>> calls;
    auto said = loaded_watermark_;
    const auto add = [&](const auto& what) {
      if constexpr (!std::is_same_v<std::decay_t<decltype(what)>, signal>)
        calls.emplace_back(what.time, what.record);
      else if (what.kind == signal_kind::watermark)
        said = what.time;
    };
    for (const auto* const part : {&ready_, &queue_})
      for (const auto& e : *part)
        std::visit(add, e.what);
    for (const auto& what : loaded_)
      std::visit(add, what);
    if (!calls.empty())
      to.put({"leat.calls", encoded(this->context().instance), encoded(calls), state_owner::anyone});
    if (said)
      to.put({"leat.watermark", encoded(*said), {}, state_owner::all});
  }

  saved save_changes(state_writer& to) override {
    save(to);
    return saved::changes; // nothing belongs to a key
  }

  /// Of the watermarks that waited behind calls, in all actors, the least is said, behind the calls that are loaded.
  void load(const state_entry& entry) override {
    if (entry.state == "leat.calls") {
      for (auto& [time, record] : decoded<std::vector<std::pair<timestamp, T>>>(entry.value))
        loaded_.push_back(loaded_call{std::move(record), time});
    } else if (entry.state == "leat.watermark") {
      if (this->context().snapshots)
        return; // the stage says its own, which is no later than that of any other of its actors
      loaded_watermark_ = std::min(loaded_watermark_.value_or(max_timestamp), decoded<timestamp>(entry.key));
    } else {
      throw this->unknown_state(entry);
    }
  }

  [[nodiscard]] std::vector<state_description> states() const override {
    return {
      {"leat.calls", nullptr, &encoded_type_of<std::uint32_t>(), &encoded_type_of<std::vector<std::pair<timestamp, T>>>()},
      {"leat.watermark", nullptr, &encoded_type_of<timestamp>()}};
  }

  [[nodiscard]] bool emits_to(std::string_view) const override { return false; }
  [[nodiscard]] bool refuses() const override { return true; }

  [[nodiscard]] std::size_t calls_outside() const override {
    const auto open = std::ranges::count_if(calls_, [](const auto& c) { return !std::get<call>(c.second->what).ended; });
    return static_cast<std::size_t>(open) - again_.size(); // none that has ended waits to be made again
  }

private:
  struct call {
    T record;
    timestamp time;
    kept_origin from;
    timestamp deadline;
    std::uint32_t attempt = 0;
    bool ended = false;
    std::vector<Out> rows{};
    std::optional<std::string> failure{}; // why it has no rows
  };
  struct entry {
    std::uint64_t number; // of a call; of the last one before a signal
    std::variant<call, signal> what;
  };
  struct loaded_call {
    T record;
    timestamp time;
  };
  using place = typename std::list<entry>::iterator;

  /// False when it has to go on later: the flow is blocked, or there is no room for the next record.
  bool work() {
    end_loading();
    if (overtaking_) {
      if (!this->emit_all() || this->blocked())
        return false;
      this->emit(*std::exchange(overtaking_, std::nullopt));
      return true; // what calls have come to meanwhile is taken in when what is under way now is saved
    }
    while (true) {
      settle();
      if (!emit_ended())
        return false;
      if (all_begun() || (calls_.size() >= options_.capacity && !inbox_->any()))
        return this->emit_all() && all_begun() && !ending();
      while (!all_begun() && calls_.size() < options_.capacity)
        loaded_.empty() ? begin_next() : begin_loaded();
    }
  }

  [[nodiscard]] bool all_begun() const noexcept { return !in_ && loaded_.empty(); }

  /// The end waits for calls: what they come to belongs before it, so the actor goes on until then.
  [[nodiscard]] bool ending() const {
    const auto* const last = queue_.empty() ? nullptr : std::get_if<signal>(&queue_.back().what);
    return last && last->kind == signal_kind::end;
  }

  void begin_next() {
    const auto& in = batch<T>::of(*in_);
    begin(in.records()[next_], in.timestamps()[next_], in.origin(next_));
    if (++next_ == in.size())
      in_.reset();
  }

  /// What was under way when the step was saved comes before anything new.
  void begin_loaded() {
    const auto first = std::move(loaded_.front());
    loaded_.pop_front();
    if (const auto* const c = std::get_if<loaded_call>(&first))
      begin(c->record, c->time, {});
    else
      enqueue(std::get<signal>(first));
  }

  /// A watermark takes the place of one right before it: as long as a call hangs, watermarks may come without end.
  void enqueue(const signal& s) {
    if (auto* const last = queue_.empty() ? nullptr : std::get_if<signal>(&queue_.back().what);
        last && replaces(s, *last)) {
      *last = s;
      return;
    }
    if (signals_ahead_++ == 0)
      last_before_signal_ = last_number_;
    queue_.push_back({last_number_, s});
  }

  static bool replaces(const signal& s, const signal& last) noexcept {
    return s.kind == signal_kind::watermark && last.kind == signal_kind::watermark;
  }

  void end_loading() {
    if (loaded_watermark_)
      loaded_.push_back(signal::watermark(*std::exchange(loaded_watermark_, std::nullopt)));
  }

  void begin(const T& record, timestamp time, const origin& from) {
    const auto number = ++last_number_;
    queue_.push_back({number, call{record, time, kept_origin{from}, later(clock_.now(), options_.timeout)}});
    calls_.emplace(number, std::prev(queue_.end()));
    in_flight_.set(static_cast<std::int64_t>(calls_.size()));
    attempt(std::prev(queue_.end()));
  }

  void attempt(place at) {
    ++std::get<call>(at->what).attempt;
    const auto& c = std::get<call>(at->what);
    const auto ask = [&] { function_(c.record, async_result<Out>{inbox_, at->number, c.attempt}); };
    if (!this->run_for(c.record, c.time, c.from.get(), ask))
      end(at);
  }

  /// Takes in what calls have come to, makes those again that wait for it, and gives up those whose time is over.
  void settle() {
    for (auto& outcome : inbox_->take()) {
      const auto at = calls_.find(outcome.call);
      if (at == calls_.end())
        continue; // given up meanwhile
      auto& c = std::get<call>(at->second->what);
      if (c.ended || c.attempt != outcome.attempt)
        continue;
      if (outcome.failed) {
        try_again_or_fail(at->second, std::move(*outcome.failed));
      } else {
        c.rows = std::move(outcome.rows);
        end(at->second);
      }
    }
    const auto now = clock_.now();
    while (!again_.empty() && again_.begin()->first <= now) {
      const auto number = again_.extract(again_.begin()).value().second;
      if (const auto at = calls_.find(number); at != calls_.end() && !std::get<call>(at->second->what).ended)
        attempt(at->second);
    }
    for (auto at = queue_.begin(); at != queue_.end();) {
      const auto place = at++;
      const auto* const c = std::get_if<call>(&place->what);
      if (!c || c->ended)
        continue;
      if (c->deadline > now)
        break; // and so have all behind it
      fail(place, "there was no result within " + std::to_string(options_.timeout.count()) + " ms");
    }
  }

  void try_again_or_fail(place at, std::string reason) {
    const auto& c = std::get<call>(at->what);
    const auto again_at = later(clock_.now(), options_.retries.delay_after(c.attempt));
    if (c.attempt >= options_.retries.attempts || again_at >= c.deadline)
      return fail(at, std::move(reason));
    retries_.add(1);
    again_.emplace(again_at, at->number);
  }

  void fail(place at, std::string&& reason) {
    failures_.add(1);
    std::get<call>(at->what).failure = std::move(reason);
    end(at);
  }

  /// Unordered results are ready at once when no signal is before them.
  void end(place at) {
    std::get<call>(at->what).ended = true;
    if (!options_.ordered && (signals_ahead_ == 0 || at->number <= last_before_signal_))
      ready_.splice(ready_.end(), queue_, at);
  }

  /// Emits what may go; false when the flow was blocked before the end.
  bool emit_ended() {
    while (this->emit_full() && !this->blocked()) {
      if (!ready_.empty()) {
        emit_rows(std::get<call>(ready_.front().what));
        calls_.erase(ready_.front().number);
        in_flight_.set(static_cast<std::int64_t>(calls_.size()));
        ready_.pop_front();
      } else if (queue_.empty()) {
        return true;
      } else if (const auto* const c = std::get_if<call>(&queue_.front().what)) {
        if (!c->ended)
          return true;
        ready_.splice(ready_.end(), queue_, queue_.begin());
      } else {
        if (!this->emit_all() || this->blocked())
          return false;
        const auto next = std::get<signal>(queue_.front().what);
        queue_.pop_front();
        pass_signal();
        this->emit(next);
      }
    }
    return false;
  }

  /// The signal before them is gone: unordered calls that have ended, up to the next one, are ready.
  void pass_signal() {
    --signals_ahead_;
    for (auto at = queue_.begin(); at != queue_.end();) {
      const auto place = at++;
      if (std::holds_alternative<signal>(place->what)) {
        last_before_signal_ = place->number;
        return;
      }
      if (!options_.ordered && std::get<call>(place->what).ended)
        ready_.splice(ready_.end(), queue_, place);
    }
  }

  void emit_rows(call& c) {
    this->out().set_time(c.time);
    this->set_origin(c.from.get());
    for (auto& row : c.rows)
      this->out().push(std::move(row));
    if (c.failure)
      emit_failure(c);
    this->set_origin({});
  }

  void emit_failure(const call& c) {
    const auto from = c.from.get();
    if constexpr (says_what_failed) {
      this->run_for(c.record, c.time, from, [&] { function_.failed(c.record, *c.failure, this->out()); });
    } else {
      const auto why = "a call failed after " + std::to_string(c.attempt) + " attempt(s): " + excerpt(*c.failure, 4096);
      if (this->letters().wanted())
        return this->refuse(why, c.record, c.time, from);
      throw step_error{
        "step '" + this->context().name + "': " + why +
        "; allow it more attempts or time, or give the function a member "
        "failed(record, reason, out) that says what becomes of the record, or .dead_letters() behind the step"};
    }
  }

  const async_options options_;
  Function function_;
  const processing_clock& clock_;
  const std::shared_ptr<async_inbox<Out>> inbox_;
  std::list<entry> queue_;        // calls on their way, and ended ones that wait for others, and the signals among them
  std::list<entry> ready_;        // calls that have ended and may be emitted
  std::size_t signals_ahead_ = 0; // in the queue
  std::uint64_t last_before_signal_ = 0;                  // the last call before the first of them
  boost::unordered_flat_map<std::uint64_t, place> calls_; // by number
  std::set<std::pair<timestamp, std::uint64_t>> again_;   // when calls are made again, by number
  std::uint64_t last_number_ = 0;
  std::deque<std::variant<loaded_call, signal>> loaded_; // and what was given behind it before all of it had begun
  std::optional<timestamp> loaded_watermark_;            // to be said behind that
  std::optional<signal> overtaking_;                     // a barrier that waits for no call
  batch_ptr in_;                                         // being worked off
  std::size_t next_ = 0;
  metric& in_flight_;
  metric& retries_;
  metric& failures_;
};

} // namespace leat
