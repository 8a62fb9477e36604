#pragma once

#include <leat/operators/keyed_step.hpp>
#include <leat/operators/process.hpp>
#include <leat/operators/second_input.hpp>
#include <leat/operators/side_output.hpp>
#include <leat/operators/state/broadcast_state.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

namespace detail {

template <class Function, class B, class Out>
inline constexpr bool
  takes_broadcast_context = requires(Function& f, const B& broadcast, process_context& context, collector<Out>& out) {
  f.process_broadcast(broadcast, context, out);
};

template <class Function, class B, class Out>
void process_broadcast(Function& f, const B& broadcast, process_context& context, collector<Out>& out) {
  if constexpr (takes_broadcast_context<Function, B, Out>)
    f.process_broadcast(broadcast, context, out);
  else
    f.process_broadcast(broadcast, out);
}

} // namespace detail

/// A function over a stream, divided by key or not, that also knows a broadcast stream:
///
///     void open(state_registry& states)                             names its states; `broadcast_registry&` without keys
///     void process(const T&, Context&, collector<Out>&)             for each record
///     void process_broadcast(const B&, collector<Out>&)             for each record of the broadcast stream, in every actor;
///                                                                   or (const B&, process_context&, collector<Out>&)
///     void on_timer(timestamp, keyed_context<Key>&, collector<Out>&)  for each timer, with keys; may be missing
///
/// `Context` is `keyed_context<Key>`, or `process_context` without keys. What `process_broadcast` emits comes once from
/// each actor.
template <class Function, class T, class B, class Context, class Out>
concept broadcast_process_function = requires(Function& f, const T& record, Context& context, collector<Out>& out) {
  f.process(record, context, out);
}
&&(detail::takes_broadcast_context<Function, B, Out> || requires(Function & f, const B& broadcast, collector<Out>& out) {
  f.process_broadcast(broadcast, out);
});

/// Runs a `broadcast_process_function` over a stream divided by key. Needs batches with key hashes on the first input.
template <class T, class B, class Key, class KeyOf, class Out, class Function>
class keyed_broadcast_step final : public keyed_step<Key, Out, Function> {
public:
  keyed_broadcast_step(step_context context, KeyOf key_of, Function function)
    : keyed_step<Key, Out, Function>{std::move(context), std::move(function)}, key_of_{std::move(key_of)},
      context_{this->sides()} {}

  void on_batch(batch_ptr in) override { this->take_in(std::move(in), 0); }
  void on_second_batch(batch_ptr in) { this->take_in(std::move(in), 1); }
  [[nodiscard]] receiver* second_input() override { return &second_; }

private:
  bool work_off(std::size_t input) override {
    if (input == 0)
      return this->template work_off_batch<T>(
        key_of_, [this](const T& record) { this->function().process(record, this->keyed(), this->out()); });
    return this->template work_off_broadcast<B>([this](const B& record, timestamp time) {
      context_.set_time(time);
      detail::process_broadcast(this->function(), record, context_, this->out());
    });
  }

  KeyOf key_of_;
  process_context context_; // of records of the broadcast stream
  second_receiver<keyed_broadcast_step> second_{*this};
};

/// Runs a `broadcast_process_function` over a stream without keys.
template <class T, class B, class Out, class Function>
class broadcast_step final : public emitting_step<Out> {
public:
  broadcast_step(step_context context, Function function)
    : emitting_step<Out>{std::move(context)}, function_{std::move(function)}, context_{this->sides()} {
    if constexpr (requires(broadcast_registry & r) { function_.open(r); }) {
      broadcast_registry registry{this->context(), broadcast_};
      function_.open(registry);
    }
  }

  void on_batch(batch_ptr in) override { take_in(std::move(in), false); }
  void on_second_batch(batch_ptr in) { take_in(std::move(in), true); }
  [[nodiscard]] receiver* second_input() override { return &second_; }
  void resume() override { this->set_parked(!work()); }

  [[nodiscard]] bool emits_to(std::string_view side_output) const override { return may_emit_to(function_, side_output); }

  void save(state_writer& to) const override { broadcast_.save(to); }
  saved save_changes(state_writer& to) override {
    broadcast_.save(to);
    return saved::changes; // nothing belongs to a key
  }
  [[nodiscard]] std::vector<state_description> states() const override { return broadcast_.describe(); }
  void load(const state_entry& entry) override {
    if (!broadcast_.load(entry))
      throw this->unknown_state(entry);
  }

private:
  void take_in(batch_ptr in, bool broadcast) {
    in_ = std::move(in);
    in_is_broadcast_ = broadcast;
    next_ = 0;
    resume();
  }

  bool work() {
    if (in_) {
      const auto size = in_->size();
      const auto times = std::as_const(*in_).timestamps();
      for (; next_ < size; ++next_) {
        if (!this->emit_full() || this->blocked())
          return false;
        this->out().set_time(times[next_]);
        context_.set_time(times[next_]);
        this->set_origin(in_is_broadcast_ ? origin{} : in_->origin(next_));
        this->run_user_code([this] { call(); });
      }
      this->set_origin({});
      in_.reset();
    }
    return this->emit_all();
  }

  void call() {
    if (!in_is_broadcast_)
      return function_.process(std::as_const(batch<T>::of(*in_)).records()[next_], context_, this->out());
    broadcast_.set_writable(true);
    detail::process_broadcast(function_, std::as_const(batch<B>::of(*in_)).records()[next_], context_, this->out());
    broadcast_.set_writable(false);
  }

  Function function_;
  broadcast_states broadcast_;
  process_context context_;
  second_receiver<broadcast_step> second_{*this};
  batch_ptr in_; // being worked off
  bool in_is_broadcast_ = false;
  std::size_t next_ = 0;
};

} // namespace leat
