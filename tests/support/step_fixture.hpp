#pragma once

#include <leat/operators/chain.hpp>
#include <leat/tests/support/stream_text.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// The end of a chain in tests: writes down what comes, and can refuse every second batch.
template <class T>
class recorder final : public receiver {
public:
  explicit recorder(flow& upstream) : flow_{&upstream} {}

  void on_batch(batch_ptr in) override {
    sizes.push_back(in->size());
    slots.push_back(in->data());
    tell<T>(told, *in);
    if (corks_ && !corked_) {
      corked_ = true;
      flow_->block();
    }
  }

  void on_signal(const signal& s) override { told.push_back(to_text(s)); }

  /// From now on each batch blocks the flow until `uncork`.
  void cork_after_each_batch() { corks_ = true; }

  /// Takes one batch more.
  void uncork() {
    if (std::exchange(corked_, false))
      flow_->unblock();
  }

  [[nodiscard]] bool corked() const { return corked_; }

  story told;
  std::vector<std::size_t> sizes; // of the batches that came
  std::vector<const void*> slots; // where their records lay

private:
  flow* const flow_;
  bool corks_ = false;
  bool corked_ = false;
};

/// A chain of steps that ends in a `recorder`, driven by plain calls.
template <class Out>
class step_fixture {
public:
  /// Adds a step behind those there are; `make` gets its context.
  template <class Make>
  step& add(std::string name, Make make) {
    step_context context{std::move(name), 0, 1, &steps.flow(), &registry, &steps.clock(), {}};
    context.snapshots = snapshots;
    return steps.add(steps.last(), make(std::move(context)));
  }

  /// Gives the chain a batch; what it emits until it is done or parks is in `out`.
  void give(batch_ptr in, std::size_t input = 0) {
    connect();
    steps.on_batch(std::move(in), input);
  }
  void give(const signal& s) {
    connect();
    steps.on_signal(s);
  }

  /// Lets the output take one batch more. @returns whether the chain is ready for its next input.
  bool uncork() {
    out.uncork();
    return steps.resume();
  }

  /// Uncorks until the chain is ready for its next input.
  void drain() {
    while (!steps.resume())
      out.uncork();
  }

  /// Puts `out` behind the last step, when all are there. `give` does so too.
  void connect() {
    if (!std::exchange(connected_, true))
      steps.last().connect(out);
  }

  bool snapshots = false; ///< see `step_context::snapshots`; before `add`
  metrics registry;
  chain steps{"test", registry};
  recorder<Out> out{steps.flow()};

private:
  bool connected_ = false;
};

/// How `step_fixture::add` makes a step: `making<filter_step, std::int64_t>(predicate)`.
template <template <class...> class Step, class... Types, class Function>
auto making(Function function) {
  return
    [function](step_context context) { return std::make_unique<Step<Types..., Function>>(std::move(context), function); };
}

} // namespace leat::testing
