#include <leat/tests/support/steps/triggered_fixture.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

/// A record's value is how many milliseconds it keeps its session open.
duration patience(const event& e) { return duration{e.value}; }

/// The sessions of one key by the definition alone: spans that touch are one; said as "first end: how many".
std::vector<std::string> sessions_of(std::vector<event> events) {
  std::sort(events.begin(), events.end(), [](const event& a, const event& b) { return a.time < b.time; });
  std::vector<std::string> all;
  std::int64_t start = 0, end = 0, count = 0;
  const auto close = [&] {
    if (count > 0)
      all.push_back(std::to_string(start) + ' ' + std::to_string(end) + ": " + std::to_string(count));
  };
  for (const auto& e : events) {
    if (count == 0 || e.time > end) {
      close();
      start = end = e.time;
      count = 0;
    }
    end = std::max(end, e.time + e.value);
    ++count;
  }
  close();
  return all;
}

/// Says a session's span and how many records it has.
struct count_records {
  void operator()(
    std::int64_t, const time_window& w, std::span<const timed_record<event>> records, collector<std::string>& out) const {
    out.push(to_text(w.start) + ' ' + to_text(w.end) + ": " + std::to_string(records.size()));
  }
};

} // namespace

TEST_CASE("a session lasts as long as its most patient record says") {
  auto f = windows_of(session(patience), at_the_end);
  f.events({{1, 30, 0}, {1, 5, 10}, {2, 5, 0}, {2, 30, 10}});
  f.watermark(29);
  CHECK(f.said() == story{"2 [0,5): 5@4", "1 [0,30): 30 5@29", "watermark 29"});
  f.watermark(39);
  CHECK(f.said() == story{"2 [10,40): 30@39", "watermark 39"});
  CHECK(f.counted("state_entries") == 0);
}

TEST_CASE("a record whose gap reaches the next session makes one of them") {
  auto f = windows_of(session(patience), at_the_end);
  f.events({{1, 5, 0}, {1, 5, 20}, {1, 15, 5}});
  f.watermark(100);
  CHECK(f.said() == story{"1 [0,25): 5 5 15@24", "watermark 100"});
}

TEST_CASE("a record that asks for no gap ends the job and says what a gap has to be") {
  auto f = windows_of(session(patience), at_the_end);
  CHECK_THROWS_WITH(
    f.events({{1, 0, 0}}),
    Catch::Contains("step 'step'") && Catch::Contains("gap of 0 ms") && Catch::Contains("more than 0 ms"));
}

TEST_CASE("sessions of processing time may have gaps of the record as well") {
  auto f = windows_of(processing_time_session(patience), end_of_window_trigger{true});
  f.clock(1000);
  f.events({{1, 30, 0}});
  f.clock(1010);
  f.events({{1, 5, 0}});
  f.clock(1028);
  CHECK(f.said().empty());
  f.clock(1029);
  CHECK(f.said() == story{"1 [1000,1030): 30 5@1029"});
}

TEST_CASE("random streams through sessions with gaps of their records give the spans that touch") {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    std::vector<event> events;
    for (int i = 0; i < 30; ++i)
      events.push_back({1, static_cast<std::int64_t>(random() % 9 + 1), static_cast<std::int64_t>(random() % 150)});
    using contents = listed_contents<event, std::int64_t, std::string, count_records>;
    using windows = dynamic_sessions<duration (*)(const event&)>;
    keyed_fixture f{triggered_windows<event, std::int64_t, windows, end_of_window_trigger, contents>{
      session(&patience), at_the_end, contents{{}, {}}, {}}};
    f.events(events);
    f.watermark(1000);
    auto said = f.said();
    said.pop_back(); // the watermark
    for (auto& s : said)
      s = s.substr(0, s.find('@'));
    INFO("round " << round);
    REQUIRE(said == sessions_of(events));
  }
}
