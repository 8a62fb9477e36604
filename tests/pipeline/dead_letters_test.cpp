#include <leat/connectors/kafka.hpp>
#include <leat/connectors/local/collection.hpp>
#include <leat/testing.hpp>
#include <leat/tests/pipeline/records.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <stdexcept>
#include <utility>

using namespace leat;
using namespace leat::testing;

namespace {

struct bid {
  std::string bidder;
  std::int64_t cents = 0;
  timestamp at{};

  friend bool operator==(const bid&, const bid&) = default;
};
BOOST_DESCRIBE_STRUCT(bid, (), (bidder, cents, at))

using bids = std::vector<bid>;
using texts = std::vector<std::string>;

/// A job that reads bids, with dead letters, and whatever comes out of them goes to "out".
struct bidding {
  void run_it() {
    run.emplace(described);
    auto in = run->input<bid>("bids");
    in.push({"ann", 5}, at(1));
    in.push({"bob", -7}, at(2));
    in.push({"cid", 9}, at(3));
    in.watermark(at(3));
  }

  [[nodiscard]] bids out() { return run->output<bid>("out").take(); }
  [[nodiscard]] std::vector<dead_letter> letters() { return run->output<dead_letter>("bids-dead-letters").take(); }

  job described{"auction"};
  stream<bid> read = described.source(kafka::source<bid>("bids", json).event_time(&bid::at, late_by(5s)));
  std::optional<test_run> run;
};

bid checked(const bid& b) {
  if (b.cents >= 0)
    return b;
  try {
    throw std::out_of_range{"-7 is below 0"};
  } catch (...) {
    std::throw_with_nested(std::invalid_argument{"no price"});
  }
}

const bids good{{"ann", 5}, {"cid", 9}};

void check_letter(const std::vector<dead_letter>& letters, const std::string& step) {
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].step == step);
  CHECK(letters[0].reason == "no price");
  CHECK(letters[0].causes == texts{"-7 is below 0"});
  CHECK(letters[0].time == at(2));
  CHECK(letters[0].offset == -1);
  CHECK(letters[0].payload == R"({"bidder":"bob","cents":-7,"at":"1970-01-01T00:00:00.000Z"})");
}

} // namespace

TEST_CASE("a record for which a function throws becomes a dead letter with the record as JSON and a stack of causes") {
  bidding b;
  b.read.map(checked).named("check").dead_letters().sink(output<bid>("out"));
  b.run_it();
  CHECK(b.out() == good);
  check_letter(b.letters(), "check");
  CHECK(b.run->metric("dead_letters", "check") == 1);
  CHECK(b.run->metric("examined_records", "check") == 3);
}

TEST_CASE("a function that takes the record for itself leaves enough of it for a letter") {
  bidding b;
  b.read
    .map([](bid&& taken) {
      const auto own = std::move(taken);
      return checked(own);
    })
    .named("check")
    .dead_letters()
    .sink(output<bid>("out"));
  b.run_it();
  CHECK(b.out() == good);
  check_letter(b.letters(), "check");
}

TEST_CASE("filters and flat maps refuse records too") {
  bidding b;
  const auto all = b.read.filter([](const bid& x) { return checked(x).cents > 5; }).named("dear").dead_letters();
  all.sink(output<bid>("out"));
  b.run_it();
  CHECK(b.out() == bids{{"cid", 9}});
  check_letter(b.letters(), "dear");

  bidding c;
  c.read.flat_map<bid>([](const bid& x, collector<bid>& out) { out.push(checked(x)); })
    .named("each")
    .dead_letters()
    .sink(output<bid>("out"));
  c.run_it();
  CHECK(c.out() == good);
  check_letter(c.letters(), "each");
}

TEST_CASE("behind a key a record is refused as well, and what is kept of others stays") {
  bidding b;
  b.read.key_by([](const bid&) { return 0; })
    .process<bid>(
      [sum = value_state<std::int64_t>{}](const bid& x, keyed_context<int>&, collector<bid>& out) { out.push(checked(x)); })
    .named("sum")
    .dead_letters()
    .sink(output<bid>("out"));
  b.run_it();
  CHECK(b.out() == good);
  check_letter(b.letters(), "sum");
}

TEST_CASE("a call to the outside that throws, or fails for good, becomes a dead letter") {
  bidding b;
  b.read.async<bid>([](const bid& x, const async_result<bid>& result) { result.complete(checked(x)); })
    .named("ask")
    .dead_letters()
    .sink(output<bid>("out"));
  b.run_it();
  CHECK(b.out() == good);
  check_letter(b.letters(), "ask");

  bidding c;
  c.read
    .async<bid>([](const bid& x, const async_result<bid>& result) {
      if (x.cents < 0)
        result.fail("503");
      else
        result.complete(x);
    })
    .dead_letters()
    .sink(output<bid>("out"));
  c.run_it();
  CHECK(c.out() == good);
  const auto letters = c.letters();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].reason == "a call failed after 1 attempt(s): 503");
}

TEST_CASE("validation says everything that is wrong with a record, without an exception") {
  bidding b;
  b.read
    .validate([](const bid& x, objections& against) {
      if (x.cents < 0)
        against.add("cents is negative");
      if (x.bidder == "bob")
        against.add("bob may not bid");
    })
    .sink(output<bid>("out"));
  b.run_it();
  CHECK(b.out() == good);
  const auto letters = b.letters();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].reason == "cents is negative; bob may not bid");
  CHECK(letters[0].causes.empty());
  CHECK(letters[0].step == "validate-1");
}

TEST_CASE("validation of records that others read too leaves those alone") {
  bidding b;
  b.read.sink(output<bid>("all"));
  b.read
    .validate([](const bid& x, objections& against) {
      if (checked(x).cents > 5)
        against.add("too dear");
    })
    .sink(output<bid>("out"));
  b.run_it();
  CHECK(b.run->output<bid>("all").take().size() == 3);
  CHECK(b.out() == bids{{"ann", 5}});
  const auto letters = b.letters();
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].reason == "no price");
  CHECK(letters[1].reason == "too dear");
}

TEST_CASE("dead letters of a job whose sources have none are counted") {
  job j{"auction"};
  j.source(collection<bid>({}).event_time(&bid::at)).map(checked).named("check").dead_letters().sink(output<bid>("out"));
  test_run run{j};
  run.input<bid>("collection").push({"bob", -7}, at(2));
  run.finish();
  CHECK(run.output<bid>("out").take().empty());
  CHECK(run.metric("dead_letters", "check") == 1);
}

TEST_CASE("without dead letters an exception ends the job, and says its causes") {
  bidding b;
  b.read.map(checked).named("check").sink(output<bid>("out"));
  CHECK_THROWS_WITH(b.run_it(), "step 'check' failed: no price; because of: -7 is below 0");
}

TEST_CASE("an error of Leat's own is nobody's dead letter") {
  bidding b;
  b.read.map([](const bid&) -> bid { throw connector_error{"the table is gone"}; }).dead_letters().sink(output<bid>("out"));
  CHECK_THROWS_WITH(b.run_it(), "the table is gone");
}

TEST_CASE("steps that cannot do without a record have no dead letters, and say what has") {
  bidding b;
  b.read.key_by(&bid::bidder)
    .reduce([](const bid& x, const bid&) { return x; })
    .named("last")
    .dead_letters()
    .sink(output<bid>("out"));
  CHECK_THROWS_WITH(
    b.run_it(), Catch::Contains("step 'last' cannot have .dead_letters()") && Catch::Contains(".validate(…)"));

  bidding c;
  c.read.dead_letters().sink(output<bid>("out"));
  CHECK_THROWS_WITH(c.run_it(), Catch::Contains(".dead_letters() stands behind no step"));
}
