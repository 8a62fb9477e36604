#pragma once

#include <leat/operators/keyed_co_process.hpp>
#include <leat/operators/windows/evictors.hpp>
#include <leat/tests/support/step_fixture.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// What a join makes of a pair: "7+8", or "7+none" without a partner.
struct name_pair {
  std::string operator()(const event& first, const event& second) const { return (*this)(first, &second); }
  std::string operator()(const event& first, const event* second) const {
    return std::to_string(first.value) + '+' + (second ? std::to_string(second->value) : "none");
  }
};

/// What a co-group makes of a window: "1 [0,10): 7 8 | 9".
struct name_group {
  void operator()(
    std::int64_t key, const time_window& w, std::span<const timed_record<event>> first,
    std::span<const timed_record<event>> second, collector<std::string>& out) const {
    auto text = std::to_string(key) + " [" + to_text(w.start) + ',' + to_text(w.end) + "):";
    for (const auto& r : first)
      text += ' ' + std::to_string(r.record.value);
    text += " |";
    for (const auto& r : second)
      text += ' ' + std::to_string(r.record.value);
    out.push(text);
  }
};

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
