#pragma once

#include <leat/operators/step.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// Passes records on, and saves how many it has seen, as the name of a state.
class counting_step final : public step {
public:
  using step::step;

  void on_batch(batch_ptr in) override {
    seen_ += in->size();
    emit(std::move(in));
  }
  void save(state_writer& to) const override { to.put({"seen " + std::to_string(seen_)}); }

private:
  std::size_t seen_ = 0;
};

/// Emits each number so many times, a batch each time, and parks where there is no room.
class repeating_step final : public step {
public:
  using step::step;

  void on_batch(batch_ptr in) override {
    value_ = left_ = batch<std::int64_t>::of(*in).records().front();
    resume();
  }
  void resume() override {
    while (left_ != 0 && !blocked()) {
      auto out = batch<std::int64_t>::fresh();
      for (std::size_t i = 0; i < max_batch_records; ++i)
        out->push(value_, timestamp{});
      --left_;
      emit(std::move(out));
    }
    set_parked(left_ != 0);
  }

private:
  std::int64_t value_ = 0;
  std::int64_t left_ = 0;
};

/// Passes records on, and saves once whether any have come since the last snapshot.
class marking_step final : public step {
public:
  using step::step;

  void on_batch(batch_ptr in) override {
    marked_ = true;
    emit(std::move(in));
  }
  void save(state_writer& to) const override { to.put({"marked"}); }
  saved save_changes(state_writer& to) override {
    if (std::exchange(marked_, false))
      save(to);
    return saved::changes;
  }
  [[nodiscard]] std::vector<state_description> states() const override { return {state_description{.name = "marked"}}; }

private:
  bool marked_ = false;
};

/// Holds a batch, or the end, until it is told that what it waits for outside has come.
class waiting_step final : public step {
public:
  waiting_step(step_context context, const bool& may_go_on) : step{std::move(context)}, may_go_on_{may_go_on} {}

  void on_batch(batch_ptr in) override {
    held_ = std::move(in);
    resume();
  }
  void on_signal(const signal& s) override {
    if (s.kind != signal_kind::end)
      return emit(s);
    ends_ = true;
    resume();
  }
  void resume() override {
    if (may_go_on_ && held_)
      emit(std::exchange(held_, {}));
    if (may_go_on_ && std::exchange(ends_, false))
      emit(signal::end());
    set_parked(held_ != nullptr || ends_);
  }

private:
  const bool& may_go_on_;
  batch_ptr held_;
  bool ends_ = false;
};

} // namespace leat::testing
