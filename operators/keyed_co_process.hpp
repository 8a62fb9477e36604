#pragma once

#include <leat/operators/keyed_step.hpp>
#include <leat/operators/second_input.hpp>

#include <utility>

namespace leat {

/// A function over two streams that are divided by one kind of key, with state and timers that both share:
///
///     void open(state_registry& states)                                            names its states; may be missing
///     void process_first(const First&, keyed_context<Key>&, collector<Out>&)       for each record of the first stream
///     void process_second(const Second&, keyed_context<Key>&, collector<Out>&)     for each record of the second
///     void on_timer(timestamp when, keyed_context<Key>&, collector<Out>&)          for each timer; may be missing
template <class Function, class First, class Second, class Key, class Out>
concept keyed_co_process_function =
  requires(Function& f, const First& first, const Second& second, keyed_context<Key>& context, collector<Out>& out) {
  f.process_first(first, context, out);
  f.process_second(second, context, out);
};

/// Runs a `keyed_co_process_function`. Its watermark is the lesser of the inputs'. Needs batches with key hashes.
template <class First, class Second, class Key, class FirstKeyOf, class SecondKeyOf, class Out, class Function>
class keyed_co_process_step final : public keyed_step<Key, Out, Function> {
public:
  keyed_co_process_step(step_context context, FirstKeyOf first_key_of, SecondKeyOf second_key_of, Function function)
    : keyed_step<Key, Out, Function>{std::move(context), std::move(function)}, first_key_of_{std::move(first_key_of)},
      second_key_of_{std::move(second_key_of)} {}

  void on_batch(batch_ptr in) override { this->take_in(std::move(in), 0); }
  void on_second_batch(batch_ptr in) { this->take_in(std::move(in), 1); }
  [[nodiscard]] receiver* second_input() override { return &second_; }

private:
  bool work_off(std::size_t input) override {
    if (input == 0)
      return this->template work_off_batch<First>(
        first_key_of_, [this](const First& record) { this->function().process_first(record, this->keyed(), this->out()); });
    return this->template work_off_batch<Second>(second_key_of_, [this](const Second& record) {
      this->function().process_second(record, this->keyed(), this->out());
    });
  }

  FirstKeyOf first_key_of_;
  SecondKeyOf second_key_of_;
  second_receiver<keyed_co_process_step> second_{*this};
};

} // namespace leat
