#include <leat/operators/joins/interval_join.hpp>
#include <leat/tests/support/steps/conformance.hpp>
#include <leat/tests/support/steps/triggered_fixture.hpp>
#include <leat/tests/support/steps/window_functions.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

template <class Trigger>
auto counted(window_spec windows, Trigger trigger, duration allowed) {
  using contents = listed_contents<event, std::int64_t, std::string, count_emissions>;
  using function = triggered_windows<event, std::int64_t, aligned_windows, Trigger, contents>;
  return [=](step_context c) {
    c.side_outputs = {{dropped_windows.name, &typeid(std::string)}};
    return std::make_unique<keyed_process_step<event, std::int64_t, std::int64_t event::*, std::string, function>>(
      std::move(c), &event::key,
      function{aligned_windows{windows}, trigger, contents{{}, {}}, {.allowed = allowed, .late = {}}});
  };
}

/// Sessions whose gap is a record's value.
auto sessions(duration allowed) {
  const auto windows = session([](const event& e) { return duration{e.value % 12 + 1}; });
  using contents = listed_contents<event, std::int64_t, std::string, list_values>;
  using function =
    triggered_windows<event, std::int64_t, std::remove_const_t<decltype(windows)>, event_time_trigger, contents>;
  return [=](step_context c) {
    return std::make_unique<keyed_process_step<event, std::int64_t, std::int64_t event::*, std::string, function>>(
      std::move(c), &event::key,
      function{windows, event_time_trigger{}, contents{{}, {}}, {.allowed = allowed, .late = {}}});
  };
}

/// An interval join whose function emits to the main output and aside; late records go aside as well.
auto pairs_with_context() {
  const auto name = [](const event& a, const event& b, join_context<std::int64_t>& pair, collector<std::string>& out) {
    out.push(std::to_string(a.value) + '+' + std::to_string(b.value));
    pair.emit(dropped_windows, std::to_string(pair.key()) + " after " + to_text(pair.first_time()));
  };
  using function =
    interval_join<event, event, std::int64_t, std::string, join_kind::inner, std::remove_const_t<decltype(name)>>;
  return [=](step_context c) {
    c.side_outputs = {{dropped_windows.name, &typeid(std::string)}, {"late", &typeid(event)}};
    using key_of = std::int64_t event::*;
    return std::make_unique<keyed_co_process_step<event, event, std::int64_t, key_of, key_of, std::string, function>>(
      std::move(c), &event::key, &event::key,
      function{{-10ms, 10ms}, name, {.first = side_output<event>{"late"}, .second = {}}});
  };
}

} // namespace

TEST_CASE("conformance: interval joins with a context") {
  check_conformance<std::string>(pairs_with_context(), {.inputs = 2, .side_outputs = 1, .same = in_any_order});
}

TEST_CASE("conformance: sessions whose gap depends on the record") {
  check_conformance<std::string>(sessions(0ms));
  check_conformance<std::string>(sessions(10ms));
}

TEST_CASE("conformance: functions of windows, with state of the window and of the key") {
  check_conformance<std::string>(
    counted(tumbling(10ms), event_time_trigger{}, 10ms), {.side_outputs = 1, .same = in_any_order});
  check_conformance<std::string>(
    counted(sliding(20ms, 5ms), purging(every_count(2)), 0ms), {.side_outputs = 1, .same = in_any_order});
}
