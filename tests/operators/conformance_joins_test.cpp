#include <leat/tests/support/steps/conformance.hpp>
#include <leat/tests/support/steps/two_input_fixture.hpp>

#include <leat/operators/joins/interval_join.hpp>
#include <leat/operators/joins/temporal_lookup.hpp>
#include <leat/operators/joins/window_join.hpp>
#include <leat/operators/windows/triggered_windows.hpp>
#include <leat/operators/windows/window_contents.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using key_of = std::int64_t event::*;

template <class Out = std::string, class Function>
auto joined(Function function) {
  return [function](step_context c) {
    return std::make_unique<keyed_co_process_step<event, event, std::int64_t, key_of, key_of, Out, Function>>(
      std::move(c), &event::key, &event::key, function);
  };
}

template <join_kind Kind>
auto interval_joined(std::int64_t lower, std::int64_t upper) {
  return joined(interval_join<event, event, std::int64_t, std::string, Kind, name_pair>{
    {duration{lower}, duration{upper}}, name_pair{}});
}

template <template <class, class, class, class, join_kind, class> class Lookup, join_kind Kind>
auto looked_up() {
  return joined(Lookup<event, event, std::int64_t, std::string, Kind, name_pair>{name_pair{}});
}

/// The rows of an inner, a left or a full join: one of each pair and, of the streams that are to be kept, of each record of a
/// window in which the other stream has none.
template <bool KeepFirst, bool KeepSecond>
struct rows_of_group {
  template <class Records>
  void operator()(
    std::int64_t, const time_window&, const Records& first, const Records& second, collector<std::string>& out) const {
    for (const auto& f : first)
      for (const auto& s : second)
        out.push(name_pair{}(f.record, &s.record));
    if (KeepFirst && second.empty())
      for (const auto& f : first)
        out.push(name_pair{}(f.record, nullptr));
    if (KeepSecond && first.empty())
      for (const auto& s : second)
        out.push("none+" + std::to_string(s.record.value));
  }
};

/// The records of a window, those of the first stream in front.
struct all_of_group {
  template <class Records>
  void
  operator()(std::int64_t, const time_window&, const Records& first, const Records& second, collector<event>& out) const {
    for (const auto& all : {first, second})
      for (const auto& r : all)
        out.push(r.record);
  }
};

using both_late = lateness<either_record<event, event>>;

template <class Function, class Out = std::string, class Windows, class Trigger = event_time_trigger>
auto window_joined(Windows windows, both_late late = {}, Trigger trigger = {}) {
  using contents = grouped_contents<event, event, std::int64_t, Out, Function>;
  return joined<Out>(window_join<event, event, std::int64_t, Windows, Trigger, contents>{
    std::move(windows), std::move(trigger), contents{Function{}}, std::move(late)});
}

const side_output<event> late_first{"first"}, late_second{"second"};

} // namespace

TEST_CASE("conformance: interval joins") {
  check_conformance<std::string>(interval_joined<join_kind::inner>(-10, 10), {.inputs = 2});
  check_conformance<std::string>(interval_joined<join_kind::inner>(3, 12), {.inputs = 2});
  check_conformance<std::string>(interval_joined<join_kind::left>(-10, 5), {.inputs = 2});
  check_conformance<std::string>(interval_joined<join_kind::left>(-12, -2), {.inputs = 2});
}

TEST_CASE("conformance: lookups") {
  check_conformance<std::string>(looked_up<temporal_lookup, join_kind::left>(), {.inputs = 2});
  check_conformance<std::string>(looked_up<temporal_lookup, join_kind::inner>(), {.inputs = 2});
  check_conformance<std::string>(looked_up<latest_lookup, join_kind::left>(), {.inputs = 2});
  check_conformance<std::string>(looked_up<latest_lookup, join_kind::inner>(), {.inputs = 2});
}

TEST_CASE("conformance: co-groups") {
  check_conformance<std::string>(window_joined<name_group>(aligned_windows{tumbling(10ms)}), {.inputs = 2});
  check_conformance<std::string>(window_joined<name_group>(session(8ms), {.allowed = 10ms, .late = {}}), {.inputs = 2});
  check_conformance<std::string>(window_joined<name_group>(session(12ms), {}, every(5ms)), {.inputs = 2});
  check_conformance<std::string>(window_joined<name_group>(global_windows{}, {}, purging(every_count(4))), {.inputs = 2});
}

TEST_CASE("conformance: inner, left and full window joins") {
  check_conformance<std::string>(
    window_joined<rows_of_group<false, false>>(aligned_windows{tumbling(10ms)}), {.inputs = 2});
  check_conformance<std::string>(
    window_joined<rows_of_group<true, false>>(aligned_windows{sliding(20ms, 5ms)}), {.inputs = 2});
  check_conformance<std::string>(window_joined<rows_of_group<true, true>>(session(6ms)), {.inputs = 2});
}

TEST_CASE("conformance: what is too late for a window join goes to a side output of each stream") {
  const auto make = window_joined<all_of_group, event>(
    aligned_windows{tumbling(10ms)}, {.allowed = 2ms, .late = {late_first, late_second}});
  check_conformance<event>(
    [make](step_context c) {
      c.side_outputs = {{late_first.name, &typeid(event)}, {late_second.name, &typeid(event)}};
      return make(std::move(c));
    },
    {.inputs = 2, .side_outputs = 2, .same = in_any_order});
}
