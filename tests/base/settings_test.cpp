#include <leat/base/settings.hpp>

#include <leat/base/error.hpp>

#include <catch2/catch.hpp>

using namespace leat;

namespace {

settings one(std::string value) {
  settings s;
  s.set("a.b", {std::move(value), "job.yaml:7", {}, false});
  return s;
}

settings one_list(std::vector<std::string> items) {
  settings s;
  s.set("a.b", {"x, y", "job.yaml:7", std::move(items), true});
  return s;
}

} // namespace

TEST_CASE("a span of time is read in every unit") {
  CHECK(one("250ms").span("a.b") == 250ms);
  CHECK(one("5s").span("a.b") == 5s);
  CHECK(one("1min").span("a.b") == 60s);
  CHECK(one("2h").span("a.b") == 2h);
  CHECK(one("7d").span("a.b") == 7 * 24h);
  CHECK(one("0s").span("a.b") == 0s);
  CHECK(one("36500d").span("a.b") == 36500 * 24h);
}

TEST_CASE("a span of time without a unit is refused, because nobody can know it") {
  CHECK_THROWS_WITH(one("5").span("a.b"), "job.yaml:7: a.b: '5' has no unit; write it as 250ms, 5s, 1min, 2h or 7d");
}

TEST_CASE("what is not a span of time is refused with what one looks like") {
  for (const std::string wrong : {"", "s", "5 s", "5m", "5S", "1.5s", "5s5s", "+5s", "--5s", "auto"})
    CHECK_THROWS_WITH(
      one(wrong).span("a.b"),
      "job.yaml:7: a.b: '" + wrong + "' is not a span of time; write it as 250ms, 5s, 1min, 2h or 7d");
}

TEST_CASE("a negative span of time is refused") {
  CHECK_THROWS_WITH(one("-5s").span("a.b"), "job.yaml:7: a.b: -5s is negative; a span of time is not");
}

TEST_CASE("a span of time that would overflow is refused, however long") {
  for (const std::string wrong : {"36501d", "9223372036854775807d", "9223372036854775808ms", "99999999999999999999s"})
    CHECK_THROWS_WITH(one(wrong).span("a.b"), "job.yaml:7: a.b: " + wrong + " is too long; at most 36500d");
}

TEST_CASE("a size is read in powers of 1024, or as bare bytes") {
  CHECK(one("0").bytes("a.b") == 0);
  CHECK(one("4096").bytes("a.b") == 4096);
  CHECK(one("64KB").bytes("a.b") == 65536);
  CHECK(one("16MB").bytes("a.b") == 16777216);
  CHECK(one("1GB").bytes("a.b") == 1073741824);
  CHECK(one("8388607TB").bytes("a.b") == 8388607ULL << 40);
}

TEST_CASE("what is not a size is refused") {
  for (const std::string wrong : {"", "KB", "64 KB", "64kb", "1.5MB", "64B", "0x10"})
    CHECK_THROWS_WITH(
      one(wrong).bytes("a.b"),
      "job.yaml:7: a.b: '" + wrong + "' is not a size; write it as 64KB, 16MB, 1GB, or as a bare number of bytes");
  CHECK_THROWS_WITH(one("-1KB").bytes("a.b"), "job.yaml:7: a.b: -1KB is negative; a size is not");
}

TEST_CASE("a size that would overflow is refused") {
  for (const std::string wrong : {"8388608TB", "9223372036854775808", "99999999999999999999GB"})
    CHECK_THROWS_WITH(one(wrong).bytes("a.b"), "job.yaml:7: a.b: " + wrong + " is too large; at most 8388607TB");
}

TEST_CASE("an integer is read within its range, the ends included") {
  CHECK(one("1").integer("a.b", 1, 128) == 1);
  CHECK(one("128").integer("a.b", 1, 128) == 128);
  CHECK(one("-3").integer("a.b", -5, 5) == -3);
  CHECK(one("9223372036854775807").integer("a.b", 0, INT64_MAX) == INT64_MAX);
}

TEST_CASE("an integer outside its range is refused with the range") {
  CHECK_THROWS_WITH(one("0").integer("a.b", 1, 128), "job.yaml:7: a.b: 0 is outside 1..128");
  CHECK_THROWS_WITH(one("1000000").integer("a.b", 1, 128), "job.yaml:7: a.b: 1000000 is outside 1..128");
  CHECK_THROWS_WITH(
    one("9223372036854775808").integer("a.b", 1, 128), "job.yaml:7: a.b: 9223372036854775808 is outside 1..128");
}

TEST_CASE("what is not an integer is refused") {
  for (const std::string wrong : {"", "five", "1.5", "1e3", "0x10", "+1", " 1", "1 "})
    CHECK_THROWS_WITH(one(wrong).integer("a.b", 0, 9), "job.yaml:7: a.b: '" + wrong + "' is not an integer");
}

TEST_CASE("auto leaves an integer to the program, and any other word does not") {
  CHECK(one("auto").integer_or_auto("a.b", 1, 8) == std::nullopt);
  CHECK(one("3").integer_or_auto("a.b", 1, 8) == 3);
  CHECK_THROWS_WITH(one("Auto").integer_or_auto("a.b", 1, 8), "job.yaml:7: a.b: 'Auto' is not an integer");
}

TEST_CASE("a number is read exactly") {
  CHECK(one("0.1").number("a.b") == 0.1);
  CHECK(one("-2.5e3").number("a.b") == -2500);
  CHECK(one("7").number("a.b") == 7);
}

TEST_CASE("a number that is not finite or not one at all is refused") {
  for (const std::string wrong : {"", "nan", "inf", "-inf", "1,5", "12x"})
    CHECK_THROWS_WITH(one(wrong).number("a.b"), "job.yaml:7: a.b: '" + wrong + "' is not a number");
  CHECK_THROWS_WITH(one("1e400").number("a.b"), "job.yaml:7: a.b: 1e400 does not fit a double");
}

TEST_CASE("a boolean is true or false and nothing that looks like it") {
  CHECK(one("true").boolean("a.b"));
  CHECK_FALSE(one("false").boolean("a.b"));
  for (const std::string wrong : {"", "yes", "True", "1"})
    CHECK_THROWS_WITH(one(wrong).boolean("a.b"), "job.yaml:7: a.b: '" + wrong + "' is neither true nor false");
}

TEST_CASE("a single value is a list of one, but a list is no single value") {
  CHECK(one("x").list("a.b") == std::vector<std::string>{"x"});
  CHECK(one_list({"x", "y"}).list("a.b") == std::vector<std::string>{"x", "y"});
  CHECK(one_list({}).list("a.b").empty());
  CHECK_THROWS_WITH(one_list({"x", "y"}).text("a.b"), "job.yaml:7: a.b: takes a single value, not the list [x, y]");
}

TEST_CASE("a later value replaces an earlier one together with its origin") {
  auto s = one("x");
  s.set("a.b", {"y", "--set", {}, false});
  CHECK(s.text("a.b") == "y");
  CHECK(s.at("a.b").origin == "--set");
}

TEST_CASE("reading a key that nobody set is an error that names it") {
  CHECK_FALSE(one("x").contains("a.c"));
  CHECK_THROWS_WITH(one("x").text("a.c"), "the setting 'a.c' is read but has no value; give it one in the defaults file");
}

TEST_CASE("what lies below a prefix is found without its neighbours") {
  settings s;
  for (const auto* key :
       {"kafka.properties", "kafka.properties-x.y", "kafka.properties.linger.ms", "kafka.properties.acks",
        "kafka.propertiesy"})
    s.set(key, {key, "--set", {}, false});
  const auto found = s.below("kafka.properties");
  REQUIRE(found.size() == 2);
  CHECK(found.at("linger.ms").value == "kafka.properties.linger.ms");
  CHECK(found.count("acks") == 1);
}
