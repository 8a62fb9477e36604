#pragma once

#include <leat/base/metrics.hpp>
#include <leat/base/user_code.hpp>
#include <leat/messages/batch.hpp>
#include <leat/messages/signal.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// Takes what travels: the next step of a chain, or the channel at its end.
///
/// A receiver takes whatever it is given, also while the flow is blocked; it is the giver that looks first.
class receiver {
public:
  virtual ~receiver() = default;

  /// Takes a batch, which is never empty.
  virtual void on_batch(batch_ptr in) = 0;

  /// Takes a signal; it stands behind all batches given before.
  virtual void on_signal(const signal& s) = 0;
};

/// Whether the outputs of one actor's chain can take more: shared by the steps of the chain and the channels at its end.
///
/// A channel without credit blocks the flow. Steps that pass on one record for one record never ask. A step that can
/// emit without bound (a window that fires, a flat_map) asks before each batch it emits, and parks when the answer is no.
class flow {
public:
  [[nodiscard]] bool blocked() const noexcept { return blocks_ != 0; }
  void block() noexcept { ++blocks_; }
  void unblock() noexcept { --blocks_; }

private:
  std::uint32_t blocks_ = 0;
};

/// What a step learns about its place when it is made for one actor.
struct step_context {
  std::string name;                 ///< the step's name, unique in the job
  std::uint32_t instance = 0;       ///< which of the stage's parallel actors
  std::uint32_t parallelism = 1;    ///< how many there are
  leat::flow* flow = nullptr;       ///< outlives the step
  leat::metrics* metrics = nullptr; ///< outlives the step
};

/// The logic between two mailboxes: takes batches and signals, emits batches and signals.
///
/// Contract. `on_batch` and `on_signal` are called in the order of the stream, never while the step is parked, by one
/// thread at a time. What a batch leads to is emitted before `on_batch` returns, or the step parks and emits the rest
/// from `resume`. A signal is passed on behind everything that came before it. A step knows no clock, thread or file.
/// A user's exception leaves as `step_error` and ends the job.
class step : public receiver {
public:
  explicit step(step_context context) : context_{std::move(context)} {}
  step(const step&) = delete;
  step& operator=(const step&) = delete;

  /// Adds an output; with several, each gets every batch.
  void connect(receiver& next) { outputs_.push_back(&next); }

  void on_signal(const signal& s) override { emit(s); }

  /// Goes on where the step has parked; called when the flow is not blocked.
  virtual void resume() {}

  /// For a restart: up to which event time a step before this one need send nothing again, when all that this one emits up to
  /// `settled` is delivered. A window needs all rows of the windows that are to come.
  [[nodiscard]] virtual timestamp needs_after(timestamp settled) const { return settled; }

  /// Whether the step has more to emit than the flow would take.
  [[nodiscard]] bool parked() const noexcept { return parked_; }

  [[nodiscard]] const step_context& context() const noexcept { return context_; }

protected:
  void emit(batch_ptr out) {
    if (out->empty() || outputs_.empty())
      return;
    for (std::size_t i = 0; i + 1 < outputs_.size(); ++i)
      outputs_[i]->on_batch(out);
    outputs_.back()->on_batch(std::move(out));
  }

  void emit(const signal& s) {
    for (auto* output : outputs_)
      output->on_signal(s);
  }

  [[nodiscard]] bool blocked() const noexcept { return context_.flow->blocked(); }
  void set_parked(bool parked) noexcept { parked_ = parked; }

  [[nodiscard]] metric& counter(std::string_view name) {
    return context_.metrics->get(name, context_.name, context_.instance);
  }

  /// Runs a user's code and gives what it throws the step's name.
  template <class Code>
  decltype(auto) run_user_code(Code&& code) {
    return leat::run_user_code(context_.name, {}, std::forward<Code>(code));
  }

private:
  const step_context context_;
  std::vector<receiver*> outputs_;
  bool parked_ = false;
};

} // namespace leat
