#include <leat/connectors/refusal_log.hpp>

#include <leat/tests/support/captured_log.hpp>
#include <leat/tests/support/source_fixture.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace leat;
using namespace leat::testing;

namespace {

struct log_fixture {
  /// Refuses a record at `offset`, `later` after the start.
  void refuse(const std::string& reason, std::int64_t offset, std::chrono::seconds later = 0s) {
    dead_letter letter;
    letter.reason = reason;
    letter.topic = "clicks";
    letter.partition = 3;
    letter.offset = offset;
    letter.payload = "secret bytes";
    refusals->add(letter, kept, refusal_log::clock::time_point{} + later);
  }

  captured_log log;
  metrics registry;
  std::unique_ptr<refusal_log> refusals = std::make_unique<refusal_log>("source", "events", &registry);
  bool kept = true;
};

} // namespace

TEST_CASE("the first record that is refused is in the log with its place and reason, but without its bytes") {
  log_fixture f;
  f.refuse("field `n`: expected a number, found \"x\"", 17);
  CHECK(
    f.log.count(
      "source 'events' refuses the record at offset 17 of clicks/3: field `n`: expected a number, found \"x\"; it "
      "goes to the dead letters") == 1);
  CHECK(f.log.count("secret") == 0);
}

TEST_CASE("of reasons that differ in their values alone one is logged in ten seconds, with how many there were") {
  log_fixture f;
  f.refuse("field `n`: expected a number, found \"x\"", 17);
  f.refuse("field `n`: expected a number, found \"y 1\"", 18);
  f.refuse("event time 12 is too early", 19);
  f.refuse("event time 1234 is too early", 20, 9s);
  CHECK(f.log.count("refuses") == 2);
  f.refuse("field `n`: expected a number, found \"z\"", 21, 10s);
  CHECK(f.log.count("offset 21 of clicks/3 (and 1 like it before): field `n`") == 1);
  f.refuse("field `m`: expected a number, found \"z\"", 22, 10s);
  CHECK(f.log.count("refuses") == 4);
}

TEST_CASE("what was held back is counted at the end") {
  log_fixture f;
  for (int i = 0; i < 8; ++i)
    f.refuse("no", i);
  f.refusals.reset();
  CHECK(f.log.count("source 'events' has refused 7 more records since, for the reasons above") == 1);
}

TEST_CASE("the reason of the first record that is refused can be asked for") {
  log_fixture f;
  CHECK(f.registry.noted("first_refusal", "events").empty());
  f.refuse("no 1", 1);
  f.refuse("no 2", 2);
  CHECK(f.registry.noted("first_refusal", "events") == "no 1");
}

TEST_CASE("a record that nobody keeps is said to be dropped") {
  log_fixture f;
  f.kept = false;
  f.refuse("no", 1);
  CHECK(f.log.count("no; it is dropped and counted in dead_letters") == 1);
}

TEST_CASE("who makes up ever new reasons fills neither the log nor the memory") {
  log_fixture f;
  for (int i = 0; i < 1000; ++i)
    f.refuse("field `" + std::string(static_cast<std::size_t>(i), 'x') + "` is unknown", i);
  CHECK(f.log.count("refuses") == static_cast<int>(log_limit::most_kinds) + 1);
}

TEST_CASE("a source says what it refuses, whatever its reader is") {
  const captured_log log;
  source_fixture s;
  s.reads_bad("no number");
  s.start();
  CHECK(log.count("source 'clicks' refuses a record: no number; it goes to the dead letters") == 1);
}
