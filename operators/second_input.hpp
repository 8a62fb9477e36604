#pragma once

#include <leat/operators/step.hpp>

#include <utility>

namespace leat {

/// Takes the batches of a step's second input to its `on_second_batch`; its signals come to the step itself, merged with
/// those of the first.
template <class Step>
class second_receiver final : public receiver {
public:
  explicit second_receiver(Step& to) : to_{to} {}
  void on_batch(batch_ptr in) override { to_.on_second_batch(std::move(in)); }
  void on_signal(const signal&) override {}

private:
  Step& to_;
};

} // namespace leat
