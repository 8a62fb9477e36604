#pragma once

#include <leat/operators/keyed_process.hpp>
#include <leat/tests/support/step_fixture.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// A `keyed_process_step` over events, by key, and the recorder behind it. `Function` emits text.
template <class Function>
class keyed_fixture {
public:
  /// @param side where the function emits text beside: `said_aside` tells it.
  explicit keyed_fixture(Function function, const std::optional<side_output<std::string>>& side = {}) {
    auto& added = f.add("step", [&](step_context context) {
      using key_of = std::int64_t event::*;
      if (side)
        context.side_outputs = {{side->name, &typeid(std::string)}};
      return std::make_unique<keyed_process_step<event, std::int64_t, key_of, std::string, Function>>(
        std::move(context), &event::key, function);
    });
    added.connect(aside, 1);
  }

  void events(const std::vector<event>& all) {
    auto in = batch<event>::fresh();
    for (const auto& e : all)
      in->push(e, from_millis(e.time), key_hash(e.key));
    f.give(std::move(in));
  }

  void watermark(std::int64_t millis) { f.give(testing::watermark(millis)); }

  /// Sets the wall clock and lets it be noticed.
  void clock(std::int64_t millis) {
    f.steps.clock().advance_to(from_millis(millis));
    if (f.steps.next_processing_time() <= f.steps.clock().now())
      f.steps.on_processing_time();
  }

  /// What has come out since the last call.
  story said() { return std::exchange(f.out.told, {}); }

  /// The records of the side output that have come out since the last call.
  story said_aside() {
    auto records = std::exchange(aside.told, {});
    std::erase_if(records, [](const std::string& s) { return s.find('@') == std::string::npos; });
    return records;
  }

  [[nodiscard]] std::int64_t counted(std::string_view metric) const { return f.registry.sum(metric, "step"); }

  step_fixture<std::string> f;
  recorder<std::string> aside{f.steps.flow()};
};

} // namespace leat::testing
