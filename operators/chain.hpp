#pragma once

#include <leat/operators/step.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace leat {

/// A step, and the watermark that it has passed on last.
struct step_time {
  std::string name;
  timestamp watermark = min_timestamp;
};

/// The steps that run inside one actor, one after the other on the same batch, and the flow they share.
///
/// A tree: the root feeds its first steps, and each step feeds others or a channel. The owner gives it the next batch or
/// signal only while `ready()`; after a channel has got room it calls `resume()`. So at most one input is ever half
/// processed, and what a chain holds back is bounded.
class chain {
public:
  /// Where the owner puts in what it has read.
  class entry final : public step {
  public:
    using step::step;
    void on_batch(batch_ptr in) override { emit(std::move(in)); }
  };

  chain(const std::string& name, metrics& registry)
    : root_{step_context{name, 0, 1, &flow_, &registry, &clock_, {}}}, second_root_{step_context{
                                                                         name, 0, 1, &flow_, &registry, &clock_, {}}} {}

  [[nodiscard]] leat::flow& flow() noexcept { return flow_; }
  [[nodiscard]] processing_clock& clock() noexcept { return clock_; }
  [[nodiscard]] entry& root() noexcept { return root_; }
  [[nodiscard]] const entry& root() const noexcept { return root_; }

  /// Where the batches of a second input come in; its signals come through the root, merged with those of the first.
  [[nodiscard]] entry& second_root() noexcept { return second_root_; }

  /// Adds a step behind an output of `parent`, which was added before.
  step& add(step& parent, std::unique_ptr<step> next, std::size_t port = 0) {
    parent.connect(*next, port);
    next->show_watermark();
    return *steps_.emplace_back(std::move(next));
  }

  /// The step added last, or the root when there is none.
  [[nodiscard]] step& last() noexcept { return steps_.empty() ? root_ : *steps_.back(); }

  /// Whether the next input may be given.
  [[nodiscard]] bool ready() const noexcept {
    if (flow_.blocked())
      return false;
    for (const auto& s : steps_)
      if (s->parked())
        return false;
    return true;
  }

  /// Lets parked steps go on, the last of the chain first, so that each finds the ones behind it empty-handed.
  /// @returns whether the chain is ready.
  bool resume() {
    for (auto s = steps_.rbegin(); s != steps_.rend(); ++s) {
      if (flow_.blocked())
        return false;
      if ((*s)->parked()) {
        (*s)->resume();
        if ((*s)->parked())
          return false;
      }
    }
    return !flow_.blocked();
  }

  /// See `step::wants_checkpoint`.
  [[nodiscard]] bool wants_checkpoint() const {
    return std::any_of(steps_.begin(), steps_.end(), [](const auto& s) { return s->wants_checkpoint(); });
  }

  /// See `step::is_full`.
  [[nodiscard]] bool is_full() const {
    return std::any_of(steps_.begin(), steps_.end(), [](const auto& s) { return s->is_full(); });
  }

  /// How far each step is, in the order in which they were added.
  [[nodiscard]] std::vector<step_time> watermarks() const {
    std::vector<step_time> all;
    for (const auto& s : steps_)
      all.push_back({s->context().name, s->watermark()});
    return all;
  }

  /// See `step::needs_after`.
  [[nodiscard]] timestamp needs_after(timestamp settled) const {
    auto least = settled;
    for (const auto& s : steps_)
      least = std::min(least, s->needs_after(settled));
    return least;
  }

  /// The names of the steps with windows of event time, in the order in which they were added.
  [[nodiscard]] std::vector<std::string> event_time_windows() const {
    std::vector<std::string> names;
    for (const auto& s : steps_)
      if (s->has_event_time_windows())
        names.push_back(s->context().name);
    return names;
  }

  /// When a step wants to hear that processing time has come; `max_timestamp`: none does.
  [[nodiscard]] timestamp next_processing_time() const {
    auto next = max_timestamp;
    for (const auto& s : steps_)
      next = std::min(next, s->next_processing_time());
    return next;
  }

  /// Tells the steps whose time has come, while the chain is ready. What parks goes on with `resume`.
  void on_processing_time() {
    for (const auto& s : steps_)
      if (s->next_processing_time() <= clock_.now()) {
        s->on_processing_time();
        if (!ready())
          return;
      }
  }

  /// @param input which input of the first step it is for.
  void on_batch(batch_ptr in, std::size_t input = 0) { (input == 0 ? root_ : second_root_).on_batch(std::move(in)); }
  void on_signal(const signal& s) { root_.on_signal(s); }

private:
  leat::flow flow_;
  processing_clock clock_;
  entry root_;
  entry second_root_;
  std::vector<std::unique_ptr<step>> steps_; // parents before children
};

} // namespace leat
