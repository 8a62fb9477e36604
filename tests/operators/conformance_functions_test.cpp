#include <leat/tests/support/steps/conformance.hpp>

#include <leat/operators/async/async_step.hpp>
#include <leat/operators/filter.hpp>
#include <leat/operators/map.hpp>
#include <leat/operators/process.hpp>
#include <leat/operators/split.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// Signals that wait for calls are not saved, but for the last watermark.
story records_alone(story told) {
  std::erase_if(told, [](const std::string& s) { return s.find('@') == std::string::npos && s != "end"; });
  return told;
}

/// Answers at once; of every fifth record that it failed.
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

/// Fails for even values until half a second of the script's time is over. Made anew, it knows nothing of earlier calls.
struct down_at_first {
  const processing_clock* now;

  void operator()(const event& e, const async_result<std::string>& r) const {
    if (e.value % 2 == 0 && now->now() < from_millis(1500))
      r.fail("down");
    else
      r.complete("answer " + std::to_string(e.value));
  }
};

constexpr async_retries patiently{.attempts = 100, .first_delay = 10ms, .growth = 2, .longest_delay = 100ms};

auto asking(async_options options) {
  return [options](step_context c) {
    return std::make_unique<async_step<event, std::string, answers>>(std::move(c), options, answers{});
  };
}

auto asking_again(async_options options) {
  return [options](step_context c) {
    const down_at_first outside{c.clock};
    return std::make_unique<async_step<event, std::string, down_at_first>>(std::move(c), options, outside);
  };
}

const side_output<event> odd_ones{"odd"};

/// Sends odd values to a side output, and the sooner half of the even ones twice.
struct odd_ones_aside {
  void operator()(const event& e, process_context& c, collector<event>& out) const {
    if (e.value % 2 != 0)
      return c.emit(odd_ones, e);
    out.push(e);
    if (to_millis(c.time()) < 100)
      out.push(e);
  }
};

/// Some of these fill a batch by twos and threes.
struct heavy {
  std::string text;

  friend std::string to_text(const heavy& h) { return std::to_string(h.text.size()) + " of " + h.text.front(); }
};
BOOST_DESCRIBE_STRUCT(heavy, (), (text))

heavy weigh(const event& e) {
  return {std::string(e.value % 3 == 0 ? 100'000 : 10, static_cast<char>('a' + e.value % 26))};
}

} // namespace

TEST_CASE("conformance: calls to the outside") {
  check_conformance<std::string>(asking({.capacity = 3, .ordered = true}), {.same = records_alone});
  check_conformance<std::string>(asking({.capacity = 3, .ordered = false}), {.same = records_alone});
}

TEST_CASE("conformance: calls to the outside that are made again") {
  check_conformance<std::string>(
    asking_again({.capacity = 100, .ordered = true, .retries = patiently}), {.same = records_alone});
  check_conformance<std::string>(
    asking_again({.capacity = 100, .ordered = false, .retries = patiently}), {.same = [](story told) {
      told = records_alone(std::move(told));
      std::sort(told.begin(), told.end()); // which comes first depends on when each was asked
      return told;
    }});
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

TEST_CASE("conformance: functions of one record that emit to side outputs, or more than a batch") {
  check_conformance<event>(
    [](step_context c) {
      c.side_outputs = {{odd_ones.name, &typeid(event)}};
      return std::make_unique<process_step<event, event, odd_ones_aside>>(std::move(c), odd_ones_aside{});
    },
    {.side_outputs = 1, .same = in_any_order});
  check_conformance<heavy>(
    [](step_context c) { return std::make_unique<map_step<event, heavy, decltype(&weigh)>>(std::move(c), weigh); });
}
