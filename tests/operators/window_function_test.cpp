#include <leat/tests/support/steps/saved_entries.hpp>
#include <leat/tests/support/steps/triggered_fixture.hpp>
#include <leat/tests/support/steps/window_functions.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// A step with these windows over events by key; `Function` says what they hold.
template <class Function, class Windows, class Trigger>
auto processed(Function function, Windows windows, Trigger trigger, duration allowed = 0ms) {
  using contents = listed_contents<event, std::int64_t, std::string, Function>;
  return keyed_fixture{
    triggered_windows<event, std::int64_t, Windows, Trigger, contents>{
      windows, trigger, contents{std::move(function), {}}, {.allowed = allowed, .late = {}}},
    dropped_windows};
}

const aligned_windows tens{tumbling(10ms)};

using keyed_window = window_context<std::int64_t>;

} // namespace

TEST_CASE("a window's function has state of the window and state of the key") {
  auto f = processed(count_emissions{}, tens, event_time_trigger{}, 5ms);
  f.events({{1, 1, 3}, {1, 7, 12}});
  f.watermark(9);
  f.events({{1, 2, 4}});
  f.watermark(19);
  CHECK(
    f.said() == story{
                  "1 [0,10): 1, before: 0 of 0@9", "watermark 9", "1 [0,10): 3, before: 1 of 1@9",
                  "1 [10,20): 7, before: 0 of 2@19", "watermark 19"});
}

TEST_CASE("the state of a window goes with it, that of the key stays") {
  auto f = processed(count_emissions{}, tens, at_the_end);
  f.events({{1, 1, 3}, {1, 1, 13}});
  CHECK(f.counted("state_entries") == 0); // counted with watermarks
  f.watermark(100);
  saved_entries left;
  f.f.steps.last().save(left);
  CHECK(left.of_state("of-window") == 0);
  CHECK(left.of_state("of-key") == 1);
}

TEST_CASE("a window is cleared once, when it is dropped, whether or not it has emitted") {
  auto f = processed(count_emissions{}, tens, purging(every_count(2)), 5ms);
  f.events({{1, 1, 3}, {1, 2, 4}, {2, 9, 5}});
  f.watermark(13);
  CHECK(f.said() == story{"1 [0,10): 3, before: 0 of 0@9", "watermark 13"});
  CHECK(f.said_aside().empty());
  f.watermark(14);
  CHECK(f.said_aside() == story{"1 [0,10): 1@9", "2 [0,10): 0@9"});
  f.watermark(100);
  CHECK(f.said_aside().empty());
}

TEST_CASE("a window that is made to emit by a watermark knows that watermark") {
  const auto say = [](std::span<const timed_record<event>>, keyed_window& w, collector<std::string>& out) {
    out.push(count_emissions::text(w) + "at " + to_text(w.watermark()));
  };
  auto f = processed(say, tens, event_time_trigger{}, 50ms);
  f.events({{1, 1, 3}});
  f.watermark(25);
  f.events({{1, 1, 4}});
  CHECK(f.said() == story{"1 [0,10): at 25@9", "watermark 25", "1 [0,10): at 25@9"});
}

TEST_CASE("windows that merge have no state of each, and say what to do instead") {
  CHECK_THROWS_WITH(
    processed(count_emissions{}, session(10ms), at_the_end),
    Catch::Contains("step 'step'") && Catch::Contains("\"of-window\"") && Catch::Contains("value_state"));
}

TEST_CASE("state of windows needs windows") {
  struct without_windows {
    window_state<std::int64_t> state;
    void open(state_registry& r) { r.add("mine", state); }
    void process(const event&, keyed_context<std::int64_t>&, collector<std::string>&) {}
  };
  CHECK_THROWS_WITH(keyed_fixture{without_windows{}}, Catch::Contains("\"mine\"") && Catch::Contains("write .window("));
}
