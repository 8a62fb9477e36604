#include <leat/actors/epochs/commit_stall.hpp>

#include <catch2/catch.hpp>

using namespace leat;

namespace {

/// A `commit_stall` that is asked every second; sinks 1 "alerts" and 2 "totals", sources "clicks" and "orders".
struct stall_fixture {
  /// Lets `seconds` pass. @returns what was said, a line each.
  std::string after(int seconds) {
    std::string said;
    for (; seconds != 0; --seconds) {
      now += std::chrono::seconds{1};
      const auto text = stall.observe(now, wait, {{1, "alerts"}, {2, "totals"}}, sources);
      said += text.empty() ? "" : text + '\n';
    }
    return said;
  }

  std::optional<epoch_wait> wait = epoch_wait{1, from_millis(1000), {2}};
  std::map<std::string, timestamp> sources{{"clicks", from_millis(5000)}, {"orders", from_millis(999)}};
  commit_stall::clock::time_point now{};
  commit_stall stall;
};

} // namespace

TEST_CASE("a silent source that others wait for is named with what it has to reach, once a minute") {
  stall_fixture f;
  CHECK(f.after(60) == "");
  CHECK(
    f.after(1) == "nothing has been committed for 60 s: sink 'totals' must wait for source 'orders' (at "
                  "1970-01-01T00:00:00.999Z) to reach "
                  "event time 1970-01-01T00:00:01.000Z, as others have. A restart would read again from the last commit\n");
  CHECK(f.after(59) == "");
  CHECK_THAT(f.after(1), Catch::StartsWith("nothing has been committed for 120 s"));
}

TEST_CASE("open windows are no stall: no source has come to where they fire") {
  stall_fixture f;
  f.sources["clicks"] = from_millis(999);
  CHECK(f.after(1000) == "");
  f.sources["clicks"] = from_millis(1000);
  CHECK(f.after(60) == "");
  CHECK_THAT(f.after(1), Catch::StartsWith("nothing has been committed for 1060 s"));
}

TEST_CASE("epochs that come and go are no stall") {
  stall_fixture f;
  for (; f.wait->epoch < 10; ++f.wait->epoch)
    CHECK(f.after(50) == "");
  f.wait.reset();
  CHECK(f.after(100) == "");
}

TEST_CASE("sinks that do not deliver are named when every source has passed the time") {
  stall_fixture f;
  f.sources["orders"] = from_millis(1000);
  f.wait->sinks = {1, 2};
  CHECK_THAT(
    f.after(61),
    Catch::Contains("not everything up to event time 1970-01-01T00:00:01.000Z is delivered by sinks 'alerts', 'totals'"));
}

TEST_CASE("a barrier that does not get through names the sink it has not come to") {
  stall_fixture f;
  f.wait->settled.reset();
  CHECK_THAT(
    f.after(61), Catch::Contains("what was read before is still on its way to sink 'totals': something there is slow"));
}
