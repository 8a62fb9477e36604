#include <leat/operators/window_spec.hpp>
#include <leat/tests/support/stream_text.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace leat;
using leat::testing::to_text;

namespace {

std::string window_at(const window_spec& spec, std::int64_t millis) {
  const auto w = spec.last_window(from_millis(millis));
  return to_text(w.start) + ".." + to_text(w.end);
}

} // namespace

TEST_CASE("tumbling windows lie side by side from the epoch on, and before it") {
  const auto spec = tumbling(10ms);
  CHECK(window_at(spec, 0) == "0..10");
  CHECK(window_at(spec, 9) == "0..10");
  CHECK(window_at(spec, 10) == "10..20");
  CHECK(window_at(spec, -1) == "-10..0");
  CHECK(window_at(spec, -10) == "-10..0");
  CHECK(window_at(spec, -11) == "-20..-10");
}

TEST_CASE("an offset moves where windows start, forward or back, also by more than a slide") {
  CHECK(window_at(tumbling(10ms, 3ms), 2) == "-7..3");
  CHECK(window_at(tumbling(10ms, 3ms), 3) == "3..13");
  CHECK(window_at(tumbling(10ms, -3ms), 6) == "-3..7");
  CHECK(window_at(tumbling(10ms, 43ms), 3) == "3..13");
  CHECK(window_at(tumbling(24h, -8h), 0) == std::to_string(-8 * 3'600'000) + ".." + std::to_string(16 * 3'600'000));
}

TEST_CASE("the last millisecond of a window is one before its end") {
  CHECK(time_window{from_millis(0), from_millis(10)}.last() == from_millis(9));
}

TEST_CASE("every window is a run of whole slices, and a slice lies in the same windows as each of its times") {
  std::mt19937 random{11};
  for (int i = 0; i < 500; ++i) {
    const window_spec spec{
      duration{1 + random() % 40}, duration{1 + random() % 40}, duration{static_cast<int>(random() % 200) - 100}};
    const auto t = from_millis(static_cast<int>(random() % 400) - 200);
    const auto w = spec.last_window(t);
    CAPTURE(spec.size().count(), spec.slide().count(), to_text(t));
    CHECK(spec.slice_start(w.start) == w.start);
    CHECK(spec.slice_start(w.end) == w.end);
    CHECK(spec.last_window(spec.slice_start(t)) == w);
    CHECK((w.start <= t && t < w.start + spec.slide()));
  }
}

TEST_CASE("the first window that ends after a time is the one after which none ends by then") {
  std::mt19937 random{12};
  for (int i = 0; i < 500; ++i) {
    const window_spec spec{duration{1 + random() % 40}, duration{1 + random() % 40}, duration{random() % 40}};
    const auto t = from_millis(static_cast<int>(random() % 400) - 200);
    const auto w = spec.first_window_ending_after(t);
    CHECK(w.end > t);
    CHECK(w.end - spec.slide() <= t);
    CHECK(spec.last_window(w.start) == w);
    CHECK(spec.next(w) == spec.last_window(w.start + spec.slide()));
  }
}

TEST_CASE("a window without size or slide says what is wrong, with both") {
  CHECK(tumbling(0ms).mistake() == "a window needs a size and a slide above 0 ms, not 0 ms and 0 ms");
  CHECK(sliding(10ms, -1ms).mistake() == "a window needs a size and a slide above 0 ms, not 10 ms and -1 ms");
  CHECK(sliding(10ms, 1ms).mistake().empty());
}

TEST_CASE("windows are written as they are in a program") {
  CHECK(tumbling(10min).to_text() == "tumbling(10min)");
  CHECK(tumbling(24h, -8h).to_text() == "tumbling(1d, 16h)");
  CHECK(sliding(1h, 5min).to_text() == "sliding(1h, 5min)");
  CHECK(sliding(90s, 20s, 5s).to_text() == "sliding(90s, 20s, 5s)");
}
