#include <leat/actors/running_job.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/leat.hpp>
#include <leat/tests/support/memory_connectors.hpp>

#include <catch2/catch.hpp>

using namespace leat;

namespace {

struct transaction {
  std::string transaction_id, user_id;
  double amount;
  leat::timestamp timestamp; // milliseconds since the epoch on the wire
};
BOOST_DESCRIBE_STRUCT(transaction, (), (transaction_id, user_id, amount, timestamp))

struct spending {
  std::string user_id;
  leat::timestamp window_start, window_end;
  std::int64_t transactions;
  double total;
};
BOOST_DESCRIBE_STRUCT(spending, (), (user_id, window_start, window_end, transactions, total))

auto transactions(job& j) {
  return j.source(kafka::source<transaction>("transactions", json).event_time(&transaction::timestamp, late_by(5s)));
}

auto one_transaction(job& j) {
  const auto log = std::make_shared<leat::testing::memory_log<transaction>>(
    std::vector<std::vector<transaction>>{{{"t-1", "u", 1, from_millis(0)}}});
  return j.source(leat::testing::from_memory<transaction>{log, [](const transaction& t) { return t.timestamp; }});
}

auto nowhere() {
  return leat::testing::to_memory<transaction>{std::make_shared<leat::testing::memory_rows<transaction>>()};
}

/// Runs a job that fails, to its end.
std::string failure_of(const job& j) {
  metrics registry;
  const settings none;
  running_job running{j.plan(), run_options{}, none, registry};
  const auto result = running.wait();
  CHECK(result.failed);
  return result.reason;
}

} // namespace

TEST_CASE("exactly-once is refused at the start, when there are no checkpoints") {
  job fraud{"fraud-alerts"};
  transactions(fraud)
    .filter([](const transaction& t) { return t.amount > 0; })
    .key_by(&transaction::user_id)
    .window(tumbling(1min))
    .aggregate<spending>(key, window_start, window_end, count, sum(&transaction::amount))
    .filter([](const spending& s) { return s.total > 5'000; })
    .sink(kafka::sink<spending>("alerts", json).exactly_once());
  metrics registry;
  const settings none;
  CHECK_THROWS_WITH(
    running_job(fraud.plan(), run_options{}, none, registry),
    Catch::Contains("sink 'alerts' asks for exactly-once delivery, which needs checkpoints"));
}

TEST_CASE("the plan says where every step runs and where it leads") {
  job fraud{"fraud"};
  const auto all = transactions(fraud);
  all.filter([](const transaction& t) { return t.amount > 900; })
    .named("large")
    .sink(kafka::sink<transaction>("large-amounts", json));
  all.key_by(&transaction::user_id)
    .window(sliding(1min, 10s))
    .aggregate<spending>(key, window_start, window_end, count, sum(&transaction::amount))
    .named("totals")
    .with_parallelism(3)
    .sink(kafka::sink<spending>("totals-out", json));
  validate(fraud.plan());
  CHECK(
    explain(fraud.plan(), 2) == "job fraud\n"
                                "  source 'transactions', an actor per partition\n"
                                "      -> totals\n"
                                "    large\n"
                                "      -> large-amounts\n"
                                "      -> transactions-dead-letters (dead letters)\n"
                                "  sink 'transactions-dead-letters' x 1\n"
                                "  sink 'large-amounts' x 2\n"
                                "  keyed 'totals' x 3\n"
                                "    totals\n"
                                "      -> totals-out\n"
                                "  sink 'totals-out' x 2\n");
}

TEST_CASE("two steps of one name are refused by name") {
  job fraud{"fraud"};
  const auto all = transactions(fraud);
  all.filter([](const transaction&) { return true; }).named("same").sink(kafka::sink<transaction>("one", json));
  all.filter([](const transaction&) { return true; }).named("same").sink(kafka::sink<transaction>("two", json));
  CHECK_THROWS_WITH(validate(fraud.plan()), Catch::Contains("two steps are named 'same'"));
}

TEST_CASE("a stream without sink is refused, because its records would be lost") {
  job fraud{"fraud"};
  transactions(fraud).filter([](const transaction&) { return true; }).named("dropped");
  CHECK_THROWS_WITH(validate(fraud.plan()), Catch::Contains("step 'dropped' leads nowhere: give it a .sink(…)"));
}

TEST_CASE("a parallelism for the actors of a source is refused: partitions decide it") {
  job fraud{"fraud"};
  const auto source = transactions(fraud).with_parallelism(2);
  source.filter([](const transaction&) { return true; })
    .named("large")
    .with_parallelism(3)
    .sink(kafka::sink<transaction>("out", json));
  REQUIRE(fraud.plan().mistakes.size() == 2);
  CHECK_THAT(
    fraud.plan().mistakes[0], Catch::Contains("source 'transactions' has an actor per partition") &&
                                Catch::Contains("put .rebalance() and .with_parallelism(2) at the step behind it"));
  CHECK_THAT(
    fraud.plan().mistakes[1],
    Catch::Contains("step 'large' asks for a parallelism of 3, but runs in the actors of its source 'transactions'") &&
      Catch::Contains("write .rebalance(), or .key_by(…), before the step"));
}

TEST_CASE("a parallelism of nothing, or above the job's maximum, is refused") {
  const auto with = [](std::uint32_t parallelism) {
    job fraud{"fraud"};
    transactions(fraud)
      .key_by(&transaction::user_id)
      .window(tumbling(1min))
      .reduce([](const transaction& a, const transaction&) { return a; })
      .with_parallelism(parallelism)
      .sink(kafka::sink<transaction>("out", json));
    validate(fraud.plan());
  };
  CHECK_NOTHROW(with(128));
  CHECK_THROWS_WITH(with(0), Catch::Contains("at least one actor"));
  CHECK_THROWS_WITH(with(129), Catch::Contains("above the job's maximum of 128"));
}

TEST_CASE("a window without size is refused") {
  job fraud{"fraud"};
  transactions(fraud)
    .key_by(&transaction::user_id)
    .window(tumbling(0s))
    .reduce([](const transaction& a, const transaction&) { return a; })
    .sink(kafka::sink<transaction>("out", json));
  CHECK_THROWS_WITH(validate(fraud.plan()), Catch::Contains("a window needs a size and a slide above 0 ms"));
}

TEST_CASE("an exception of a user's function ends the job and names the step") {
  job fraud{"fraud"};
  one_transaction(fraud)
    .map([](const transaction& t) -> transaction {
      if (t.amount > 0)
        throw std::runtime_error{"no rate for EUR"};
      return t;
    })
    .named("convert")
    .sink(nowhere());
  CHECK_THAT(failure_of(fraud), Catch::Contains("step 'convert' failed: no rate for EUR"));
}

TEST_CASE("an exception of a key function ends the job and names the keyed step") {
  job fraud{"fraud"};
  one_transaction(fraud)
    .key_by([](const transaction& t) -> std::int64_t { return std::stoll(t.user_id); })
    .window(tumbling(1min))
    .reduce([](const transaction& a, const transaction&) { return a; })
    .named("newest")
    .sink(nowhere());
  CHECK_THAT(failure_of(fraud), Catch::Contains("step 'newest' failed in key_by: stoll"));
}
