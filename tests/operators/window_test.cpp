#include <leat/tests/support/window_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

TEST_CASE("a window fires when the watermark reaches its last millisecond, and not one earlier") {
  window_fixture w{tumbling(10ms)};
  w.events({{1, 5, 0}, {1, 2, 9}});
  w.watermark(8);
  CHECK(w.said() == story{"watermark 8"});
  w.watermark(9);
  CHECK(w.said() == story{"key 1 [0,10): 2 events, sum 7@9", "watermark 9"});
}

TEST_CASE("a window fires once, with the key's records and nobody else's") {
  window_fixture w{tumbling(10ms)};
  w.events({{1, 5, 3}, {2, 7, 4}, {1, 1, 5}});
  w.watermark(9);
  CHECK(w.said() == story{"key 1 [0,10): 2 events, sum 6@9", "key 2 [0,10): 1 events, sum 7@9", "watermark 9"});
  w.watermark(50);
  CHECK(w.said() == story{"watermark 50"});
}

TEST_CASE("events before 1970 have their windows") {
  window_fixture w{tumbling(10ms, 3ms)};
  w.events({{1, 5, -8}, {1, 1, -7}, {1, 2, 2}});
  w.watermark(2);
  CHECK(w.said() == story{"key 1 [-17,-7): 1 events, sum 5@-8", "key 1 [-7,3): 2 events, sum 3@2", "watermark 2"});
}

TEST_CASE("an event is late when the watermark has reached its window's last millisecond") {
  window_fixture w{tumbling(10ms)};
  w.watermark(8);
  w.events({{1, 5, 9}});
  w.watermark(9);
  w.said();
  w.events({{1, 5, 9}, {1, 6, 0}, {1, 7, 10}});
  CHECK(w.counted("late_records") == 2);
  w.watermark(19);
  CHECK(w.said() == story{"key 1 [10,20): 1 events, sum 7@19", "watermark 19"});
}

TEST_CASE("an event late for one sliding window still counts in those that have not fired") {
  window_fixture w{sliding(10ms, 5ms)};
  w.watermark(9);
  w.events({{1, 5, 7}, {1, 9, 4}});
  CHECK(w.counted("late_records") == 1);
  w.watermark(30);
  CHECK(w.said() == story{"watermark 9", "key 1 [5,15): 1 events, sum 5@14", "watermark 30"});
}

TEST_CASE("sliding windows whose size is no multiple of the slide hold what they should") {
  window_fixture w{sliding(10ms, 4ms)};
  w.events({{1, 1, 0}, {1, 10, 5}, {1, 100, 9}});
  w.watermark(100);
  CHECK(
    w.said() == story{
                  "key 1 [-8,2): 1 events, sum 1@1", "key 1 [-4,6): 2 events, sum 11@5",
                  "key 1 [0,10): 3 events, sum 111@9", "key 1 [4,14): 2 events, sum 110@13",
                  "key 1 [8,18): 1 events, sum 100@17", "watermark 100"});
}

TEST_CASE("events between windows that leave gaps are counted, not summed") {
  window_fixture w{sliding(4ms, 10ms)};
  w.events({{1, 1, 3}, {1, 2, 4}, {1, 4, 9}, {1, 8, 10}});
  CHECK(w.counted("gap_records") == 2);
  w.watermark(100);
  CHECK(w.said() == story{"key 1 [0,4): 1 events, sum 1@3", "key 1 [10,14): 1 events, sum 8@13", "watermark 100"});
}

TEST_CASE("windows fire in the order of their ends, however the events came") {
  window_fixture w{tumbling(10ms)};
  w.events({{1, 3, 25}, {1, 1, 5}, {1, 2, 15}});
  w.watermark(29);
  CHECK(
    w.said() == story{
                  "key 1 [0,10): 1 events, sum 1@9", "key 1 [10,20): 1 events, sum 2@19",
                  "key 1 [20,30): 1 events, sum 3@29", "watermark 29"});
}

TEST_CASE("a watermark that goes back is taken as the last one") {
  window_fixture w{tumbling(10ms)};
  w.watermark(9);
  w.events({{1, 1, 12}});
  w.watermark(3);
  w.watermark(19);
  CHECK(w.said() == story{"watermark 9", "watermark 9", "key 1 [10,20): 1 events, sum 1@19", "watermark 19"});
}

TEST_CASE("windows that an earlier run has settled are not sent again") {
  window_fixture w{tumbling(10ms)};
  w.watermark(19); // what a source says first when a run goes on from settled time 19
  w.events({{1, 1, 5}, {1, 2, 19}, {1, 4, 20}});
  w.give(signal::watermark(max_timestamp));
  CHECK(w.said() == story{"watermark 19", "key 1 [20,30): 1 events, sum 4@29", "watermark +inf"});
  CHECK(w.counted("late_records") == 2);
}

TEST_CASE("the end of a stream that was stopped fires nothing") {
  window_fixture w{tumbling(10ms)};
  w.events({{1, 1, 5}});
  w.give(signal::end());
  CHECK(w.said() == story{"end"});
}

TEST_CASE("the end of a stream that is complete comes behind all its windows") {
  window_fixture w{tumbling(10ms)};
  w.events({{1, 1, 5}, {1, 2, 1005}});
  w.give(signal::watermark(max_timestamp));
  w.give(signal::end());
  CHECK(
    w.said() ==
    story{"key 1 [0,10): 1 events, sum 1@9", "key 1 [1000,1010): 1 events, sum 2@1009", "watermark +inf", "end"});
}

TEST_CASE("a barrier says when the last open window will have fired") {
  window_fixture w{sliding(10ms, 5ms)};
  w.give(signal::barrier(1));
  w.events({{1, 1, 3}, {1, 2, 12}});
  w.give(signal::barrier(2));
  w.give(signal::barrier(3, from_millis(40)));
  w.watermark(19);
  w.said();
  w.give(signal::barrier(4, from_millis(7)));
  CHECK(w.f.out.told == story{"barrier 4 settles at 19"}); // the last window that has fired: it is not to come again
}

TEST_CASE("for the windows that come after a time to be whole, all rows from the start of the first of them are needed") {
  const auto needs = [](window_spec spec, std::int64_t settled) {
    window_fixture w{spec};
    return to_millis(w.f.steps.needs_after(from_millis(settled)));
  };
  CHECK(needs(tumbling(10ms), 19) == 19);
  CHECK(needs(tumbling(10ms), 18) == 9);
  CHECK(needs(tumbling(10ms), 20) == 19);
  CHECK(needs(sliding(10ms, 5ms), 19) == 14);
  CHECK(needs(sliding(10ms, 5ms), 17) == 9);
  CHECK(needs(sliding(5ms, 10ms), 17) == 17); // between two windows
  window_fixture first{tumbling(10ms)};
  CHECK(first.f.steps.needs_after(min_timestamp) == min_timestamp);
}

TEST_CASE("a barrier settles after the windows that rows of an earlier window, still to come, will open") {
  window_fixture w{sliding(10ms, 5ms)};
  w.events({{1, 2, 12}});
  w.give(signal::barrier(1));
  w.give(signal::barrier(2, from_millis(18)));
  w.give(signal::barrier(3, from_millis(40)));
  CHECK(w.said() == story{"barrier 1 settles at 19", "barrier 2 settles at 24", "barrier 3 settles at 49"});
}

TEST_CASE("a step that parks in the middle of a window goes on there, without loss or repetition") {
  constexpr std::int64_t keys = 3 * static_cast<std::int64_t>(max_batch_records) + 100;
  window_fixture w{tumbling(10ms)};
  std::vector<event> all;
  story expected;
  for (std::int64_t k = 0; k < keys; ++k) {
    all.push_back({k, k, 5});
    expected.push_back("key " + std::to_string(k) + " [0,10): 1 events, sum " + std::to_string(k) + "@9");
  }
  std::sort(expected.begin(), expected.end());
  expected.push_back("watermark 9");
  w.events(all);
  w.f.out.cork_after_each_batch();
  w.watermark(9);
  CHECK(w.f.out.told.size() == max_batch_records);
  CHECK_FALSE(w.f.steps.ready());
  w.f.drain();
  CHECK(w.said() == expected);
}

TEST_CASE("the watermark waits until the output has room behind the last row") {
  window_fixture w{tumbling(10ms)};
  w.events({{1, 1, 5}});
  w.f.out.cork_after_each_batch();
  w.watermark(9);
  CHECK(w.said() == story{"key 1 [0,10): 1 events, sum 1@9"});
  CHECK(w.f.uncork());
  CHECK(w.said() == story{"watermark 9"});
}

TEST_CASE("state is let go when its last window has fired") {
  window_fixture w{sliding(10ms, 5ms)};
  w.events({{1, 1, 0}, {2, 1, 0}, {1, 1, 7}});
  w.watermark(4);
  CHECK(w.counted("state_entries") == 3);
  w.watermark(9);
  CHECK(w.counted("state_entries") == 1);
  w.watermark(14);
  CHECK(w.counted("state_entries") == 0);
}

TEST_CASE("a sum that overflows ends the job and names its step") {
  window_fixture w{tumbling(10ms)};
  const auto most = std::numeric_limits<std::int64_t>::max();
  CHECK_THROWS_WITH(
    w.events({{1, most, 1}, {1, 1, 2}}),
    "step 'totals' failed: a sum of integers left the range of 64 bits with a sign: sum it as double");
  window_fixture merging{sliding(10ms, 5ms)};
  merging.events({{1, most, 1}, {1, 1, 6}});
  CHECK_THROWS_AS(merging.watermark(9), step_error);
}
