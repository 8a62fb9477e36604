#include <leat/tests/support/steps/triggered_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// Emits at the end of a window, for which its first record sets the timer.
struct first_record_sets_the_timer : trigger_base {
  struct state {
    bool set = false;
    BOOST_DESCRIBE_CLASS(state, (), (set), (), ())
  };

  trigger_result on_record(state& s, timestamp, trigger_context& c) const {
    if (!s.set)
      c.set_timer(c.window().last());
    s.set = true;
    return trigger_result::go_on;
  }
  trigger_result on_event_time(state&, timestamp, trigger_context&) const { return trigger_result::fire; }
  trigger_result on_merge(state&, const state&, trigger_context&) const { return trigger_result::go_on; }
};

} // namespace

TEST_CASE("a session ends when its key has been silent for the gap") {
  auto f = windows_of(session(10ms), at_the_end);
  f.events({{1, 1, 0}, {2, 5, 3}, {1, 2, 9}, {1, 4, 30}});
  f.watermark(12);
  CHECK(f.said() == story{"2 [3,13): 5@12", "watermark 12"});
  f.watermark(18);
  CHECK(f.said() == story{"1 [0,19): 1 2@18", "watermark 18"});
  f.watermark(100);
  CHECK(f.said() == story{"1 [30,40): 4@39", "watermark 100"});
  CHECK(f.counted("state_entries") == 0);
}

TEST_CASE("a record between two sessions makes one of them, the earlier one's records first") {
  auto f = windows_of(session(10ms), at_the_end);
  f.events({{1, 3, 20}, {1, 1, 0}, {1, 2, 10}});
  f.watermark(100);
  CHECK(f.said() == story{"1 [0,30): 1 3 2@29", "watermark 100"});
}

TEST_CASE("a record inside a session leaves the timers alone that the trigger has set") {
  auto f = windows_of(session(10ms), first_record_sets_the_timer{});
  f.events({{1, 7, 0}, {1, 8, 0}});
  f.watermark(50);
  CHECK(f.said() == story{"1 [0,10): 7 8@9", "watermark 50"});
}

TEST_CASE("sessions that only touch become one") {
  auto f = windows_of(session(10ms), at_the_end);
  f.events({{1, 1, 0}, {1, 2, 10}});
  f.watermark(100);
  CHECK(f.said() == story{"1 [0,20): 1 2@19", "watermark 100"});
}

TEST_CASE("a session whose gap has no end ends with the stream") {
  auto f = windows_of(session(duration::max()), at_the_end);
  f.events({{1, 1, 1'700'000'000'000}});
  f.watermark(1'800'000'000'000);
  CHECK(f.said() == story{"watermark 1800000000000"});
  f.f.give(signal::watermark(max_timestamp));
  CHECK(f.said().front().starts_with("1 [1700000000000,"));
}

TEST_CASE("a late record that touches an open session joins it, another is late") {
  auto f = windows_of(session(10ms), at_the_end);
  f.events({{1, 2, 25}});
  f.watermark(27);
  f.events({{1, 1, 16}, {1, 9, 5}});
  f.watermark(100);
  CHECK(f.said() == story{"watermark 27", "1 [16,35): 2 1@34", "watermark 100"});
  CHECK(f.counted("late_records") == 1);
}

TEST_CASE("an allowed late record emits its window again, a later one is late") {
  auto f = windows_of(aligned_windows{tumbling(10ms)}, event_time_trigger{}, {.allowed = 5ms, .late = {}});
  f.events({{1, 1, 3}});
  f.watermark(9);
  f.events({{1, 2, 4}, {2, 7, 4}});
  f.watermark(13);
  f.events({{1, 3, 5}});
  f.watermark(14);
  f.events({{1, 4, 6}});
  CHECK(
    f.said() == story{
                  "1 [0,10): 1@9", "watermark 9", "1 [0,10): 1 2@9", "2 [0,10): 7@9", "watermark 13", "1 [0,10): 1 2 3@9",
                  "watermark 14"});
  CHECK(f.counted("late_records") == 1);
  CHECK(f.counted("state_entries") == 0);
}

TEST_CASE("windows of negative times and offsets hold what belongs to them") {
  auto f = windows_of(aligned_windows{tumbling(10ms, 3ms)}, at_the_end);
  f.events({{1, 1, -8}, {1, 2, -7}, {1, 3, 2}, {1, 4, 3}});
  f.watermark(100);
  CHECK(f.said() == story{"1 [-17,-7): 1@-8", "1 [-7,3): 2 3@2", "1 [3,13): 4@12", "watermark 100"});
}

TEST_CASE("a count trigger that purges emits every so many records, whatever their times") {
  auto f = windows_of(global_windows{}, purging(every_count(2)));
  f.events({{1, 1, 50}, {2, 9, 0}, {1, 2, 3}, {1, 3, 4}});
  f.events({{1, 4, 1}});
  CHECK(f.said() == story{"1 all: 1 2@3", "1 all: 3 4@1"});
}

TEST_CASE("the last records every so many are a sliding count window") {
  auto f = windows_of(global_windows{}, every_count(2), {}, keep_last(3));
  f.events({{1, 1, 1}, {1, 2, 2}, {1, 3, 3}, {1, 4, 4}, {1, 5, 5}, {1, 6, 6}});
  CHECK(f.said() == story{"1 all: 1 2@2", "1 all: 2 3 4@4", "1 all: 4 5 6@6"});
}

TEST_CASE("a time evictor leaves what is less than its span older than the newest") {
  auto f = windows_of(aligned_windows{tumbling(100ms)}, at_the_end, {}, keep_last(10ms));
  f.events({{1, 1, 10}, {1, 2, 50}, {1, 3, 45}, {1, 4, 41}, {1, 5, 40}});
  f.watermark(200);
  CHECK(f.said() == story{"1 [0,100): 2 3 4@99", "watermark 200"});
}

TEST_CASE("a continuous trigger emits while the window is open, and at its end") {
  auto f = windows_of(aligned_windows{tumbling(100ms)}, every(30ms));
  f.events({{1, 1, 10}});
  f.watermark(31);
  f.events({{1, 2, 40}});
  f.watermark(99);
  CHECK(
    f.said() ==
    story{
      "1 [0,100): 1@99", "watermark 31", "1 [0,100): 1 2@99", "1 [0,100): 1 2@99", "1 [0,100): 1 2@99", "watermark 99"});
}

TEST_CASE("windows of processing time go by the clock, not by event time") {
  auto f = windows_of(processing_time(tumbling(10ms)), end_of_window_trigger{true});
  f.clock(1003);
  f.events({{1, 1, 500}});
  f.clock(1008);
  f.events({{1, 2, 7}});
  f.watermark(5000);
  CHECK(f.said() == story{"watermark 5000"});
  f.clock(1009);
  CHECK(f.said() == story{"1 [1000,1010): 1 2@1009"});
}

TEST_CASE("what is too late goes to the side output that was named for it") {
  auto f = windows_of(aligned_windows{tumbling(10ms)}, at_the_end, {.allowed = 0ms, .late = side_output<event>{"late"}});
  f.watermark(50);
  f.events({{1, 7, 5}});
  CHECK(f.counted("late_records") == 1);
  CHECK(f.counted("unread_records") == 1); // nobody reads it here
}

TEST_CASE("a barrier settles when the last window that holds anything is dropped") {
  auto f = windows_of(aligned_windows{tumbling(10ms)}, every(2ms), {.allowed = 5ms, .late = {}});
  f.events({{1, 1, 3}});
  f.f.give(signal::barrier(1, from_millis(2)));
  CHECK(f.said() == story{to_text(signal::barrier(1, from_millis(14), true))});
}
