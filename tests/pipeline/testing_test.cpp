#include <leat/connectors/kafka.hpp>
#include <leat/connectors/local/collection.hpp>
#include <leat/testing.hpp>
#include <leat/tests/pipeline/records.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

using namespace leat;
using namespace leat::testing;

namespace {

struct charge {
  std::string card;
  std::int64_t cents = 0;
  timestamp at{};

  friend bool operator==(const charge&, const charge&) = default;
};
BOOST_DESCRIBE_STRUCT(charge, (), (card, cents, at))

struct card_total {
  std::string card;
  std::int64_t payments = 0, cents = 0;

  friend auto operator<=>(const card_total&, const card_total&) = default;
};
BOOST_DESCRIBE_STRUCT(card_total, (), (card, payments, cents))

[[maybe_unused]] std::ostream& operator<<(std::ostream& out, const card_total& t) {
  return out << t.card << ": " << t.payments << " of " << t.cents;
}

using totals = std::vector<card_total>;

const side_output<charge> refused_payments{"refused"};

/// Totals of each card and minute; payments of nothing are refused.
job card_totals() {
  job j{"totals"};
  const auto valid = j.source(input<charge>("payments").event_time(&charge::at))
                       .process<charge>([](const charge& p, process_context& c, collector<charge>& out) {
                         if (p.cents > 0)
                           out.push(p);
                         else
                           c.emit(refused_payments, p);
                       });
  valid.side_output(refused_payments).sink(output<charge>("refused"));
  valid.key_by(&charge::card)
    .window(tumbling(1min))
    .aggregate<card_total>(key, count, sum(&charge::cents))
    .named("minutes")
    .sink(output<card_total>("totals"));
  return j;
}

totals sorted(totals all) {
  std::sort(all.begin(), all.end());
  return all;
}

} // namespace

TEST_CASE("records and watermarks go in, rows come out") {
  test_run run{card_totals()};
  auto payments = run.input<charge>("payments");
  auto rows = run.output<card_total>("totals");
  payments.push({"4711", 500}, at(1));
  payments.push({"4711", 700}, at(59));
  payments.watermark(at(60) - 2ms);
  CHECK(rows.take().empty());
  payments.watermark(at(60) - 1ms);
  CHECK(rows.take() == totals{{"4711", 2, 1'200}});
  CHECK(rows.take().empty());
}

TEST_CASE("event times are read from records as the source does") {
  test_run run{card_totals()};
  run.input<charge>("payments").push({"4711", 500, at(70)});
  run.finish();
  const auto rows = run.output<card_total>("totals").take_timed();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].record == card_total{"4711", 1, 500});
  CHECK(rows[0].time == at(120) - 1ms);
}

TEST_CASE("a side output is an output like any other") {
  test_run run{card_totals()};
  run.input<charge>("payments").push({"4711", 0, at(1)});
  CHECK(run.output<charge>("refused").take() == std::vector<charge>{{"4711", 0, at(1)}});
  CHECK(run.output<card_total>("totals").take().empty());
}

TEST_CASE("late records and other metrics are counted") {
  test_run run{card_totals()};
  auto payments = run.input<charge>("payments");
  payments.watermark(at(60));
  payments.push({"4711", 500}, at(1));
  CHECK(run.metric("late_records", "minutes") == 1);
  CHECK(run.metric("records_in", "payments") == 1);
}

TEST_CASE("a watermark waits for all partitions that are not idle") {
  test_run run{card_totals(), {.partitions = {{"payments", 2}}}};
  auto first = run.input<charge>("payments");
  auto second = run.input<charge>("payments", 1);
  auto rows = run.output<card_total>("totals");
  first.watermark(at(60));
  CHECK(rows.watermark() == min_timestamp);
  second.idle();
  CHECK(rows.watermark() == at(60));
  second.push({"0815", 900}, at(61)); // awake: the watermark waits for it again
  first.watermark(at(200));
  CHECK(run.watermark("minutes") == at(60));
  second.watermark(at(120));
  CHECK(rows.take() == totals{{"0815", 1, 900}});
}

TEST_CASE("an idle partition that wakes holds up every shard before its first record comes") {
  test_run run{card_totals(), {.parallelism = 4, .partitions = {{"payments", 2}}}};
  auto first = run.input<charge>("payments");
  auto second = run.input<charge>("payments", 1);
  second.idle();
  second.push({"0", 1}, at(1));
  first.watermark(at(200));
  for (int card = 0; card < 20; ++card)
    second.push({std::to_string(card), 1}, at(2));
  CHECK(run.metric("late_records", "minutes") == 0);
}

TEST_CASE("the parallelism changes nothing but the order between keys") {
  std::vector<timed_record<charge>> all;
  for (int i = 0; i < 5'000; ++i)
    all.push_back({{std::to_string(i % 77), i, {}}, at(i)});
  totals expected;
  for (const auto parallelism : {1U, 2U, 5U}) {
    test_run run{card_totals(), {.parallelism = parallelism, .credit = 1}};
    run.input<charge>("payments").push_batch(all);
    run.finish();
    const auto rows = sorted(run.output<card_total>("totals").take());
    if (expected.empty())
      expected = rows;
    CHECK(rows.size() > 77);
    CHECK(rows == expected);
  }
}

TEST_CASE("the same calls give the same rows in the same order") {
  const auto rows = [] {
    test_run run{card_totals(), {.parallelism = 3, .partitions = {{"payments", 2}}}};
    for (std::uint32_t i = 0; i < 500; ++i)
      run.input<charge>("payments", i % 2).push({std::to_string(i % 77), i, {}}, at(i));
    run.finish();
    return run.output<card_total>("totals").take();
  };
  CHECK(rows() == rows());
}

namespace {

/// Reports a card by which nothing was paid for a second of processing time.
class find_silence {
public:
  void open(state_registry& states) { states.add("last", last_); }
  void process(const charge& p, keyed_context<std::string>& card, collector<std::string>&) {
    last_.set(p.cents);
    card.set_processing_timer(card.processing_time() + 1s);
  }
  void on_timer(timestamp, keyed_context<std::string>& card, collector<std::string>& out) {
    if (last_.get())
      out.push(card.key() + " at " + std::to_string(to_millis(card.processing_time())));
  }

private:
  value_state<std::int64_t> last_{expire_after(1500ms)};
};

job silences() {
  job j{"silences"};
  j.source(input<charge>("payments"))
    .key_by(&charge::card)
    .process<std::string>(find_silence{})
    .named("silence")
    .sink(output<std::string>("silent"));
  return j;
}

} // namespace

TEST_CASE("processing time goes by when the test says so") {
  test_run run{silences(), {.parallelism = 2, .start = at(100)}};
  auto payments = run.input<charge>("payments");
  auto silent = run.output<std::string>("silent");
  payments.push({"4711", 1}, {});
  run.advance(400ms);
  payments.push({"0815", 1}, {});
  run.advance(599ms);
  CHECK(silent.take().empty());
  run.advance(10s);
  CHECK(silent.take() == std::vector<std::string>{"4711 at 101000", "0815 at 101400"});
  CHECK(run.now() == at(100) + 10'999ms);
}

TEST_CASE("what comes due in several actors does so in the order of time") {
  test_run run{silences(), {.parallelism = 3}};
  std::vector<std::string> expected;
  for (int card = 0; card < 10; ++card) {
    run.input<charge>("payments").push({std::to_string(card), 1}, {});
    expected.push_back(fmt::format("{} at {}", card, 1'000 + card * 10));
    run.advance(10ms);
  }
  run.advance(2s);
  CHECK(run.output<std::string>("silent").take() == expected);
}

TEST_CASE("states expire in virtual time, without traffic") {
  test_run run{silences()};
  run.input<charge>("payments").push({"4711", 1}, {});
  run.input<charge>("payments").watermark(at(1));
  CHECK(run.metric("state_entries", "silence") == 1);
  run.advance(1500ms);
  run.input<charge>("payments").watermark(at(2));
  CHECK(run.metric("state_entries", "silence") == 0);
}

TEST_CASE("what a user's function throws names the step, and the job takes nothing more") {
  job j{"broken"};
  j.source(input<charge>("payments"))
    .map([](const charge& p) { return p.cents != 0 ? 100 / p.cents : throw std::runtime_error{"nothing was paid"}; })
    .named("divide")
    .sink(output<std::int64_t>("shares"));
  test_run run{j};
  auto payments = run.input<charge>("payments");
  payments.push({"4711", 50}, at(1));
  CHECK_THROWS_WITH(payments.push({"4711", 0}, at(1)), "step 'divide' failed: nothing was paid");
  CHECK_THROWS_WITH(
    payments.push({"4711", 1}, at(1)),
    "job 'broken' has failed, and takes nothing more: step 'divide' failed: nothing was paid");
  CHECK(run.output<std::int64_t>("shares").take() == std::vector<std::int64_t>{2});
}

TEST_CASE("a wrong name or type is an error that says what there is") {
  test_run run{card_totals()};
  CHECK_THROWS_WITH(run.input<charge>("payment"), "job 'totals' has no source 'payment'; its sources: 'payments'");
  CHECK_THROWS_WITH(
    run.output<card_total>("minutes"), "job 'totals' has no sink 'minutes'; its sinks: 'refused', 'totals'");
  CHECK_THROWS_WITH(
    run.watermark("hours"),
    "job 'totals' has no step 'hours'; its steps: 'payments', 'process-1', 'refused', 'minutes', 'totals'");
  CHECK_THROWS_WITH(
    run.input<card_total>("payments"), Catch::Contains("::charge, not ") && Catch::Contains("::card_total"));
  CHECK_THROWS_WITH(run.output<charge>("totals"), Catch::Contains("::card_total, not ") && Catch::Contains("::charge"));
  CHECK_THROWS_WITH(
    run.input<charge>("payments", 1),
    "source 'payments' has no partition 1, because it has 1: test_options say how many, in partitions");
}

TEST_CASE("a source that does not read event times has them said by the test") {
  test_run run{silences()};
  CHECK_THROWS_WITH(
    run.input<charge>("payments").push({"4711", 1}),
    "source 'payments' does not read event times from its records: say the time, push(record, at), or give the source "
    ".event_time(…)");
}

TEST_CASE("nothing comes after the end") {
  test_run run{card_totals()};
  run.finish();
  CHECK(run.output<card_total>("totals").watermark() == max_timestamp);
  CHECK_THROWS_WITH(
    run.input<charge>("payments").push({"4711", 1}, at(1)),
    "source payments[0] has been finished: nothing can come after that");
}

TEST_CASE("a job that would not run is refused by the test as well") {
  job j{"unfinished"};
  (void)j.source(input<charge>("payments"));
  CHECK_THROWS_WITH(test_run{j}, "'payments' leads nowhere: give it a .sink(…)");
  CHECK_THROWS_AS((test_run{card_totals(), {.parallelism = 200}}), pipeline_error);
  CHECK_THROWS_AS((test_run{card_totals(), {.partitions = {{"payment", 2}}}}), pipeline_error);
}

TEST_CASE("sources and sinks of a program are replaced, not opened") {
  job j{"job"};
  j.source(collection<charge>({{"0815", 1, at(1)}}).event_time(&charge::at)).sink(output<charge>("all"));
  test_run run{j};
  run.input<charge>("collection").push({"4711", 1, at(2)});
  CHECK(run.output<charge>("all").take() == std::vector<charge>{{"4711", 1, at(2)}});
}

TEST_CASE("a job on Kafka needs none in a test") {
  job j{"job"};
  j.source(kafka::source<charge>("payments", json).event_time(&charge::at, late_by(5s)))
    .sink(kafka::sink<charge>("copies", json));
  test_run run{j};
  run.input<charge>("payments").push({"4711", 1, at(2)});
  run.input<charge>("payments").watermark(at(2));
  CHECK(run.output<charge>("copies").take() == std::vector<charge>{{"4711", 1, at(2)}});
  CHECK(run.output<dead_letter>("payments-dead-letters").take().empty());
  CHECK(run.output<dead_letter>("payments-dead-letters").watermark() == at(2));
}
