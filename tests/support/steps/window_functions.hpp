#pragma once

#include <leat/operators/state/value_state.hpp>
#include <leat/operators/windows/evictors.hpp>
#include <leat/operators/windows/window_function.hpp>
#include <leat/tests/support/stream_text.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <span>
#include <string>

namespace leat::testing {

inline const side_output<std::string> dropped_windows{"dropped"};

/// Says the sum of what a window holds, how often the window has emitted before, and how often the key has; says to a side
/// output which windows were dropped after how many emissions.
class count_emissions {
public:
  using context = window_context<std::int64_t>;

  void open(state_registry& r) {
    r.add("of-window", of_window_);
    r.add("of-key", of_key_);
  }

  void process(std::span<const timed_record<event>> records, context& w, collector<std::string>& out) {
    std::int64_t sum = 0;
    for (const auto& r : records)
      sum += r.record.value;
    out.push(
      text(w) + std::to_string(sum) + ", before: " + std::to_string(of_window_.edit()++) + " of " +
      std::to_string(of_key_.edit()++));
  }

  void clear(context& w) {
    const auto* const emitted = of_window_.get();
    w.emit(dropped_windows, text(w) + std::to_string(emitted ? *emitted : 0));
  }

  static std::string text(const context& w) {
    return std::to_string(w.key()) + " [" + to_text(w.window().start) + ',' + to_text(w.window().end) + "): ";
  }

private:
  window_state<std::int64_t> of_window_;
  value_state<std::int64_t> of_key_;
};

} // namespace leat::testing
