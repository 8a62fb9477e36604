#pragma once

#include <leat/operators/keyed_co_process.hpp>
#include <leat/tests/support/step_fixture.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// A step of two inputs that both carry events, by key, and the recorder behind it. `Function` is a
/// `keyed_co_process_function` that emits text.
template <class Function>
class two_input_fixture {
public:
  explicit two_input_fixture(Function function) {
    using key_of = std::int64_t event::*;
    auto& added = f.add("step", [function](step_context context) {
      return std::make_unique<keyed_co_process_step<event, event, std::int64_t, key_of, key_of, std::string, Function>>(
        std::move(context), &event::key, &event::key, function);
    });
    f.steps.second_root().connect(*added.second_input());
  }

  void first(const std::vector<event>& all) { f.give(batch_of_events(all)); }
  void second(const std::vector<event>& all) { f.give(batch_of_events(all), 1); }
  void watermark(std::int64_t millis) { f.give(testing::watermark(millis)); }
  void give(const signal& s) { f.give(s); }

  /// What has come out since the last call.
  story said() { return std::exchange(f.out.told, {}); }

  [[nodiscard]] std::int64_t counted(std::string_view metric) const { return f.registry.sum(metric, "step"); }

  step_fixture<std::string> f;

private:
  static boost::intrusive_ptr<batch<event>> batch_of_events(const std::vector<event>& all) {
    auto in = batch<event>::fresh();
    for (const auto& e : all)
      in->push(e, from_millis(e.time), key_hash(e.key));
    return in;
  }
};

} // namespace leat::testing
