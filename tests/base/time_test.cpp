#include <leat/base/time.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace leat;

namespace {

constexpr std::int64_t noon = 1'714'564'800'000; // 2024-05-01T12:00:00Z

std::int64_t parsed(std::string_view text) {
  timestamp t;
  INFO(text);
  REQUIRE(parse_timestamp(text, t));
  return to_millis(t);
}

bool refuses(std::string_view text) {
  timestamp t = from_millis(77);
  const bool taken = parse_timestamp(text, t);
  return !taken && t == from_millis(77); // a refused text leaves the result alone
}

} // namespace

TEST_CASE("a timestamp is written to the millisecond, in UTC") {
  CHECK(format_timestamp(from_millis(noon)) == "2024-05-01T12:00:00.000Z");
  CHECK(format_timestamp(from_millis(noon + 250)) == "2024-05-01T12:00:00.250Z");
  CHECK(format_timestamp(from_millis(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(format_timestamp(from_millis(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("the ends of time have names, and years of other than four digits are plain milliseconds") {
  CHECK(format_timestamp(min_timestamp) == "-inf");
  CHECK(format_timestamp(max_timestamp) == "+inf");
  CHECK(format_timestamp(from_millis(253'402'300'799'999)) == "9999-12-31T23:59:59.999Z");
  CHECK(format_timestamp(from_millis(253'402'300'800'000)) == "253402300800000");
  CHECK(format_timestamp(from_millis(-62'167'219'200'000)) == "0000-01-01T00:00:00.000Z");
  CHECK(format_timestamp(from_millis(-62'167'219'200'001)) == "-62167219200001");
}

TEST_CASE("a date-time is read with and without seconds, fraction and zone") {
  CHECK(parsed("2024-05-01T12:00:00.250Z") == noon + 250);
  CHECK(parsed("2024-05-01T12:00:00Z") == noon);
  CHECK(parsed("2024-05-01T12:00Z") == noon);
  CHECK(parsed("2024-05-01T12:00") == noon);
  CHECK(parsed("2024-05-01 12:00:00") == noon);
}

TEST_CASE("digits past the millisecond are cut off, missing ones are zeros") {
  CHECK(parsed("2024-05-01T12:00:00.2Z") == noon + 200);
  CHECK(parsed("2024-05-01T12:00:00.25Z") == noon + 250);
  CHECK(parsed("2024-05-01T12:00:00.2509999999999999999999Z") == noon + 250);
  CHECK(parsed("1969-12-31T23:59:59.9999Z") == -1);
}

TEST_CASE("a zone says how far the time is ahead of UTC") {
  CHECK(parsed("2024-05-01T14:00:00+02:00") == noon);
  CHECK(parsed("2024-05-01T14:00:00+0200") == noon);
  CHECK(parsed("2024-05-01T06:30:00-05:30") == noon);
  CHECK(parsed("2024-05-02T02:00+14:00") == noon);
  CHECK(parsed("2024-05-01T12:00:00-00:00") == noon);
}

TEST_CASE("leap days exist in leap years only") {
  CHECK(parsed("2024-02-29T00:00:00Z") == 1'709'164'800'000);
  CHECK(parsed("2000-02-29T00:00:00Z") == 951'782'400'000);
  CHECK(parsed("2024-03-01T00:00:00Z") - parsed("2024-02-28T00:00:00Z") == 2 * 86'400'000);
  CHECK(parsed("2023-03-01T00:00:00Z") - parsed("2023-02-28T00:00:00Z") == 86'400'000);
  CHECK(refuses("2023-02-29T00:00:00Z"));
  CHECK(refuses("1900-02-29T00:00:00Z"));
}

TEST_CASE("dates and times that do not exist are refused") {
  for (const char* text :
       {"2024-00-01T00:00Z", "2024-13-01T00:00Z", "2024-01-00T00:00Z", "2024-04-31T00:00Z", "2024-01-32T00:00Z",
        "2024-01-01T24:00Z", "2024-01-01T00:60Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00+24:00",
        "2024-01-01T00:00+00:60"}) {
    INFO(text);
    CHECK(refuses(text));
  }
}

TEST_CASE("text of any other form is refused") {
  for (const char* text :
       {"",
        "2024",
        "2024-05-01",
        "2024-05-01T",
        "2024-05-01T12",
        "2024-05-01T12:",
        "2024-05-01T12:0",
        "2024-5-1T12:00",
        "24-05-01T12:00",
        "2024/05/01T12:00",
        "2024-05-01t12:00",
        "2024-05-01T12:00z",
        "2024-05-01T12:00:00.Z",
        "2024-05-01T12:00:00,5Z",
        "2024-05-01T12:00:",
        "2024-05-01T12:00Z ",
        " 2024-05-01T12:00Z",
        "2024-05-01T12:00ZZ",
        "2024-05-01T12:00+02",
        "2024-05-01T12:00+2:00",
        "2024-05-01T12:00+02:0",
        "2024-05-01T12:00+02:00Z",
        "+2024-05-01T12:00Z",
        "12024-05-01T12:00Z",
        "2024-05-01  12:00Z",
        "2O24-05-01T12:00Z",
        "1714564800000"}) {
    INFO(text);
    CHECK(refuses(text));
  }
}

TEST_CASE("what was written is read back") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<std::int64_t> millis{-62'167'219'200'000, 253'402'300'799'999};
  for (int i = 0; i < 10'000; ++i) {
    const auto t = millis(random);
    REQUIRE(parsed(format_timestamp(from_millis(t))) == t);
  }
}

TEST_CASE("a duration is written in the largest unit that divides it") {
  CHECK(format_duration(250ms) == "250ms");
  CHECK(format_duration(5s) == "5s");
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(60s) == "1min");
  CHECK(format_duration(120min) == "2h");
  CHECK(format_duration(168h) == "7d");
  CHECK(format_duration(1001ms) == "1001ms");
  CHECK(format_duration(0s) == "0ms");
  CHECK(format_duration(-5s) == "-5s");
}
