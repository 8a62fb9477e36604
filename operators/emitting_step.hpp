#pragma once

#include <leat/operators/collector.hpp>
#include <leat/operators/step.hpp>

#include <utility>

namespace leat {

/// The part that steps share whose functions emit any number of records, to the main output and to side outputs.
template <class Out>
class emitting_step : public step {
protected:
  explicit emitting_step(step_context context) : step{std::move(context)} {}

  [[nodiscard]] collector<Out>& out() noexcept { return out_; }
  [[nodiscard]] side_outputs& sides() noexcept { return sides_; }

  /// What the record was made of that leads to all that is emitted from now on; to be told again before it is gone.
  void set_origin(const origin& from) noexcept {
    out_.set_origin(from);
    sides_.set_origin(from);
  }

  /// Emits the full batches; false when the flow was blocked before the last.
  bool emit_full() {
    while (!ready_.empty()) {
      if (blocked())
        return false;
      auto [port, full] = ready_.take();
      emit(std::move(full), port);
    }
    return true;
  }

  /// Emits all that there is, partly filled batches as well; false when the flow was blocked before the end.
  bool emit_all() {
    out_.close();
    sides_.close();
    emit_letters();
    return emit_full();
  }

private:
  outbox ready_;
  collector<Out> out_{ready_, 0};
  side_outputs sides_{ready_, context(), unread()};
};

} // namespace leat
