#include "crash_feed.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

using namespace leat::testing;

namespace {

/// A row of `crashing-job`: the window that begins at `from` when it has so many of the three events of `fired_windows`.
std::string fired(int from, int events, int nth) {
  return fmt::format(
    R"({{"key":"k","from":{},"to":{},"nth":{},"events":{},"sum":{},"first":0,"last":{}}})", from, from + 3000, nth, events,
    events * 10, events - 1);
}

/// Three events of one key, which are in the same three windows.
struct fired_windows {
  /// What is found wrong when these are the rows of the last window, and those of the others are right.
  [[nodiscard]] std::string wrong(std::vector<std::string> rows) const {
    rows.insert(rows.begin(), {fired(8000, 3, 0), fired(9000, 2, 0), fired(9000, 3, 1)});
    return expected.wrong_totals({{0, std::move(rows)}});
  }

  const crash_expectation expected{{{"k", 0, 10, 10'500}, {"k", 1, 10, 10'900}, {"k", 2, 10, 10'100}}};
};

} // namespace

TEST_CASE_METHOD(
  fired_windows, "a window may fire for the first time with any of its events, and then with each", "[crash]") {
  CHECK(wrong({fired(10'000, 1, 0), fired(10'000, 2, 1), fired(10'000, 3, 2)}) == "");
  CHECK(wrong({fired(10'000, 2, 0), fired(10'000, 3, 1)}) == "");
  CHECK(wrong({fired(10'000, 3, 0)}) == "");
}

TEST_CASE_METHOD(fired_windows, "a window whose first firings are missing is found", "[crash]") {
  CHECK_THAT(wrong({fired(10'000, 2, 1), fired(10'000, 3, 2)}), Catch::Contains("k 10000 13000: 2 missing"));
  CHECK_THAT(wrong({fired(10'000, 3, 2)}), Catch::Contains("k 10000 13000: 1 missing"));
}

TEST_CASE_METHOD(fired_windows, "a window with other firings than it should have is found", "[crash]") {
  CHECK(wrong({}) != "");
  CHECK(wrong({fired(10'000, 1, 0), fired(10'000, 2, 1)}) != "");                      // the last is missing
  CHECK(wrong({fired(10'000, 1, 0), fired(10'000, 3, 1)}) != "");                      // one in between
  CHECK(wrong({fired(10'000, 2, 0), fired(10'000, 2, 0), fired(10'000, 3, 1)}) != ""); // one is there twice
  CHECK(wrong({fired(10'000, 3, 1), fired(10'000, 2, 0)}) != "");                      // in the wrong order
  CHECK(wrong({fired(10'000, 3, 0), fired(11'000, 1, 0)}) != "");                      // a window that nobody expects
}
