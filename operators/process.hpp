#pragma once

#include <leat/operators/emitting_step.hpp>

#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace leat {

/// What a function without keys learns about the record it is called with, and where it emits to side outputs.
class process_context {
public:
  explicit process_context(side_outputs& sides) : sides_{&sides} {}

  /// The record's event time.
  [[nodiscard]] timestamp time() const noexcept { return time_; }

  /// Emits to a side output, with the record's event time.
  template <class S>
  void emit(const side_output<S>& to, const std::type_identity_t<S>& record) {
    sides_->push(to, record, time_);
  }

  /// Called by the step.
  void set_time(timestamp time) noexcept { time_ = time; }

private:
  side_outputs* sides_;
  timestamp time_{};
};

/// Turns each record into any number of records: calls `function(record, collector)`, or
/// `function(record, context, collector)` when it also wants the event time or side outputs.
///
/// Parks between two input records when the flow is blocked, so what it holds back is at most a batch and what one record
/// has led to.
template <class T, class U, class Function>
class process_step final : public emitting_step<U> {
public:
  process_step(step_context context, Function function)
    : emitting_step<U>{std::move(context)}, function_{std::move(function)}, context_{this->sides()} {}

  void on_batch(batch_ptr in) override {
    this->letters().on_records(in->size());
    in_ = std::move(in);
    next_ = 0;
    resume();
  }

  void resume() override { this->set_parked(!work()); }
  [[nodiscard]] bool emits_to(std::string_view) const override { return takes_context; }
  [[nodiscard]] bool refuses() const override { return true; }

private:
  static constexpr bool takes_context = std::is_invocable_v<Function&, const T&, process_context&, collector<U>&>;

  bool work() {
    if (in_) {
      const auto records = std::as_const(batch<T>::of(*in_)).records();
      const auto times = std::as_const(*in_).timestamps();
      for (; next_ < records.size(); ++next_) {
        if (!this->emit_full() || this->blocked())
          return false;
        this->out().set_time(times[next_]);
        context_.set_time(times[next_]);
        this->set_origin(in_->origin(next_));
        this->run_for(records[next_], times[next_], in_->origin(next_), [&] { call(records[next_]); });
      }
      this->set_origin({});
      in_.reset();
    }
    return this->emit_all();
  }

  void call(const T& record) {
    if constexpr (takes_context)
      std::invoke(function_, record, context_, this->out());
    else
      std::invoke(function_, record, this->out());
  }

  Function function_;
  process_context context_;
  batch_ptr in_;
  std::size_t next_ = 0;
};

} // namespace leat
