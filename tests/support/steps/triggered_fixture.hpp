#pragma once

#include <leat/operators/windows/evictors.hpp>
#include <leat/operators/windows/triggered_windows.hpp>
#include <leat/operators/windows/window_contents.hpp>
#include <leat/tests/support/steps/keyed_fixture.hpp>

#include <span>
#include <string>
#include <utility>

namespace leat::testing {

/// Says what a window holds when it fires: "1 [0,10): 7 8", or "1 all: 7 8" for a global one.
struct list_values {
  void operator()(
    std::int64_t key, const time_window& w, std::span<const timed_record<event>> records,
    collector<std::string>& out) const {
    auto text = std::to_string(key);
    text += w == global_windows::window ? " all:" : " [" + to_text(w.start) + ',' + to_text(w.end) + "):";
    for (const auto& r : records)
      text += ' ' + std::to_string(r.record.value);
    out.push(text);
  }
};

/// The default trigger of windows of event time.
inline const end_of_window_trigger at_the_end{false};

/// A step with these windows over events by key, each of which lists its values.
template <class Windows, class Trigger, class Evictor = no_evictor>
auto windows_of(Windows windows, Trigger trigger, lateness<event> late = {}, Evictor evictor = {}) {
  using contents = listed_contents<event, std::int64_t, std::string, list_values, Evictor>;
  return keyed_fixture{triggered_windows<event, std::int64_t, Windows, Trigger, contents>{
    std::move(windows), std::move(trigger), contents{{}, std::move(evictor)}, std::move(late)}};
}

} // namespace leat::testing
