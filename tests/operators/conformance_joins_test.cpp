#include <leat/tests/support/conformance.hpp>

#include <leat/operators/async/async_step.hpp>
#include <leat/operators/filter.hpp>
#include <leat/operators/joins/interval_join.hpp>
#include <leat/operators/joins/temporal_lookup.hpp>
#include <leat/operators/joins/window_join.hpp>
#include <leat/operators/map.hpp>
#include <leat/operators/process.hpp>
#include <leat/operators/split.hpp>
#include <leat/operators/windows/triggered_windows.hpp>
#include <leat/operators/windows/window_contents.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using key_of = std::int64_t event::*;

struct pair_text {
  std::string operator()(const event& first, const event& second) const { return (*this)(first, &second); }
  std::string operator()(const event& first, const event* second) const {
    return std::to_string(first.value) + '+' + (second ? std::to_string(second->value) : "none");
  }
};

struct group_text {
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

template <class Function>
auto joined(Function function) {
  return [function](step_context c) {
    return std::make_unique<keyed_co_process_step<event, event, std::int64_t, key_of, key_of, std::string, Function>>(
      std::move(c), &event::key, &event::key, function);
  };
}

template <join_kind Kind>
auto interval_joined(std::int64_t lower, std::int64_t upper) {
  return joined(interval_join<event, event, std::int64_t, std::string, Kind, pair_text>{
    {duration{lower}, duration{upper}}, pair_text{}});
}

template <class Windows>
auto window_joined(Windows windows, duration allowed = 0ms) {
  using contents = grouped_contents<event, event, std::int64_t, std::string, group_text>;
  return joined(window_join<event, event, std::int64_t, Windows, event_time_trigger, contents>{
    std::move(windows), event_time_trigger{}, contents{group_text{}}, {.allowed = allowed, .first = {}, .second = {}}});
}

/// Signals that wait for calls are not saved, but for the last watermark.
story records_alone(story told) {
  std::erase_if(told, [](const std::string& s) { return s.find('@') == std::string::npos && s != "end"; });
  return told;
}

/// Answers at once, with what the outside says of the record; of every fifth that it failed.
struct answers {
  void operator()(const event& e, const async_result<std::string>& r) const {
    if (e.value % 5 == 0)
      r.fail("not now");
    else
      r.complete("answer " + std::to_string(e.value));
  }
  void failed(const event& e, const std::string& reason, collector<std::string>& out) const {
    out.push(reason + ' ' + std::to_string(e.value));
  }
};

template <class Function>
auto asking(async_options options) {
  return [options](step_context c) {
    return std::make_unique<async_step<event, std::string, Function>>(std::move(c), options, Function{});
  };
}

} // namespace

TEST_CASE("conformance: interval joins") {
  check_conformance<std::string>(interval_joined<join_kind::inner>(-10, 10), {.inputs = 2});
  check_conformance<std::string>(interval_joined<join_kind::inner>(3, 12), {.inputs = 2});
  check_conformance<std::string>(interval_joined<join_kind::left>(-10, 5), {.inputs = 2});
  check_conformance<std::string>(interval_joined<join_kind::left>(-12, -2), {.inputs = 2});
}

TEST_CASE("conformance: lookups") {
  check_conformance<std::string>(
    joined(temporal_lookup<event, event, std::int64_t, std::string, join_kind::left, pair_text>{pair_text{}}),
    {.inputs = 2});
  check_conformance<std::string>(
    joined(latest_lookup<event, event, std::int64_t, std::string, join_kind::left, pair_text>{pair_text{}}), {.inputs = 2});
}

TEST_CASE("conformance: window joins") {
  check_conformance<std::string>(window_joined(aligned_windows{tumbling(10ms)}), {.inputs = 2});
  check_conformance<std::string>(window_joined(session(8ms), 10ms), {.inputs = 2});
}

TEST_CASE("conformance: calls to the outside") {
  check_conformance<std::string>(asking<answers>({.capacity = 3, .ordered = true}), {.same = records_alone});
  check_conformance<std::string>(asking<answers>({.capacity = 3, .ordered = false}), {.same = records_alone});
}

TEST_CASE("conformance: functions of one record") {
  const auto even = [](const event& e) { return e.value % 2 == 0; };
  check_conformance<event>(
    [=](step_context c) { return std::make_unique<filter_step<event, decltype(even)>>(std::move(c), even); });
  check_conformance<event>(
    [=](step_context c) { return std::make_unique<split_step<event, decltype(even)>>(std::move(c), std::tuple{even}); },
    {.side_outputs = 2, .same = in_any_order});
  check_conformance<std::string>([](step_context c) {
    const auto text = [](const event& e) { return std::to_string(e.value); };
    return std::make_unique<map_step<event, std::string, decltype(text)>>(std::move(c), text);
  });
  check_conformance<std::string>([](step_context c) {
    const auto twice = [](const event& e, collector<std::string>& out) {
      for (std::int64_t i = 0; i < e.value % 3; ++i)
        out.push(std::to_string(e.value));
    };
    return std::make_unique<process_step<event, std::string, decltype(twice)>>(std::move(c), twice);
  });
}
