#include <leat/testing.hpp>
#include <leat/tests/support/bounded_run.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

struct reading {
  std::string machine;
  timestamp at{};
};
BOOST_DESCRIBE_STRUCT(reading, (), (machine, at))

struct total {
  std::string machine;
  std::int64_t readings = 0;

  friend auto operator<=>(const total&, const total&) = default;
};
BOOST_DESCRIBE_STRUCT(total, (), (machine, readings))

constexpr timestamp at(std::int64_t seconds) { return from_millis(seconds * 1'000); }

/// A parcel of readings "machine second second …", unpacked.
void unpack(const std::string& parcel, collector<reading>& out) {
  std::istringstream words{parcel};
  std::string machine;
  words >> machine;
  for (std::int64_t second = 0; words >> second;)
    out.push(reading{machine, at(second)});
}

/// Readings of each machine and minute, by the times that are in the parcels.
stream<total> per_minute(const stream<std::string>& parcels) {
  return parcels.flat_map<reading>(unpack)
    .event_time(&reading::at, late_by(5s))
    .named("times")
    .key_by(&reading::machine)
    .window(tumbling(1min))
    .aggregate<total>(key, count);
}

} // namespace

TEST_CASE("windows go by the times that were given behind a flat_map, whatever those of the source") {
  job j{"parcels"};
  per_minute(j.source(input<std::string>("parcels"))).sink(output<total>("totals"));
  test_run run{j};
  auto parcels = run.input<std::string>("parcels");
  auto totals = run.output<total>("totals");
  parcels.push("press 1 59 64", at(1'000'000));
  parcels.watermark(at(1'000'000));
  CHECK(totals.take().empty());
  parcels.push("press 66", at(3));
  run.advance(200ms);
  CHECK(totals.watermark() == at(61) - 1ms);
  CHECK(totals.take() == std::vector<total>{{"press", 2}});
  run.finish();
  CHECK(totals.take() == std::vector<total>{{"press", 2}});
}

TEST_CASE("times given in mid-stream come to the same at any parallelism, behind one stream or several") {
  for (const auto parallelism : {1U, 2U, 5U}) {
    bounded_run r{parallelism};
    const auto read_at = [](const std::string&) { return at(7); };
    const auto parcels = r.source<std::string>({{"press 1 59 64", "saw 3"}, {"saw 4 70", "press 61"}}, read_at);
    const auto more = r.source<std::string>({{"press 2"}}, read_at, 0ms, "more");
    const auto rows = r.collect(per_minute(parcels.merge(more)));
    r.run();
    CHECK(sorted(rows) == std::vector<total>{{"press", 2}, {"press", 3}, {"saw", 1}, {"saw", 2}});
  }
}

TEST_CASE("times cannot be given anew behind a key: windows there go by the old ones") {
  job j{"parcels"};
  per_minute(j.source(input<std::string>("parcels")))
    .event_time([](const total&) { return at(0); })
    .sink(output<total>("totals"));
  CHECK_THROWS_WITH(
    validate(j.plan()),
    Catch::Contains(".event_time(") && Catch::Contains("'window-1'") && Catch::Contains("before .key_by("));
}

TEST_CASE("a rule for watermarks that cannot be is a mistake in mid-stream too") {
  job j{"readings"};
  j.source(input<reading>("readings")).event_time(&reading::at, late_by(-1s)).sink(output<reading>("out"));
  CHECK_THROWS_WITH(validate(j.plan()), Catch::Contains("late_by takes a span that is not negative"));
}
