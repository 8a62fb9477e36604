#pragma once

#include <leat/operators/keyed_step.hpp>

#include <functional>
#include <utility>

namespace leat {

/// A function over the records of one key at a time, with state and timers:
///
///     void open(state_registry& states)                                            names its states; may be missing
///     void process(const T&, keyed_context<Key>&, collector<Out>&)                 for each record
///     void on_timer(timestamp when, keyed_context<Key>&, collector<Out>&)          for each timer; may be missing
template <class Function, class T, class Key, class Out>
concept keyed_process_function = requires(Function& f, const T& record, keyed_context<Key>& context, collector<Out>& out) {
  f.process(record, context, out);
};

/// Makes a function that keeps nothing of a callable: `process` calls it.
template <class Callable>
struct process_by_call {
  Callable call;

  template <class Record, class Context, class Out>
  void process(const Record& record, Context& context, collector<Out>& out) {
    std::invoke(call, record, context, out);
  }
};

/// Runs a `keyed_process_function`. Needs batches with key hashes.
template <class T, class Key, class KeyOf, class Out, class Function>
class keyed_process_step final : public keyed_step<Key, Out, Function> {
public:
  keyed_process_step(step_context context, KeyOf key_of, Function function)
    : keyed_step<Key, Out, Function>{std::move(context), std::move(function)}, key_of_{std::move(key_of)} {}

  void on_batch(batch_ptr in) override { this->take_in(std::move(in)); }

private:
  bool work_off(std::size_t) override {
    return this->template work_off_batch<T>(
      key_of_, [this](const T& record) { this->function().process(record, this->keyed(), this->out()); });
  }

  KeyOf key_of_;
};

} // namespace leat
