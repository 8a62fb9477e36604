#include "orders_run.hpp"

#include "../support/servers/cutting_proxy.hpp"
#include "../support/servers/postgres_server.hpp"
#include "../support/wait_until.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include <pqxx/pqxx>

using namespace leat;
using namespace leat::orders;
using namespace leat::testing;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

// Rows 24, 27 and 28 of the faults through a whole job that writes to Kafka and PostgreSQL exactly once.

namespace {

/// Orders that a job works on for some seconds, as their customers come slowly.
struct slow_orders {
  explicit slow_orders(std::uint64_t seed) : events{make_orders(seed, 12'000, 0)} { run.feed(events); }

  std::unique_ptr<job_process> start(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{
      "--bounded", "--set", "customers.at-a-time=10", "--set", "customers.cache.fresh-for=0s"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run.start(arguments);
  }

  /// Waits until some rows are there, but not all.
  void wait_for_the_middle(job_process& job) const {
    wait_until(
      "rows in PostgreSQL", 60s, [&] { return run.row_count() > 500; }, 5ms, [&] { return job.log(); });
    REQUIRE(run.row_count() < static_cast<std::int64_t>(expected.rows.size()));
  }

  const std::vector<generated_event> events;
  const expected_orders expected{events};
  orders_run run{{.after = duration{5}}};
};

} // namespace

TEST_CASE("a PostgreSQL that crashes under a job is waited for, and no result is lost or doubled", "[.real]") {
  const slow_orders orders{21};
  const auto job = orders.start();
  orders.wait_for_the_middle(*job);
  auto& server = postgres_server::shared();
  server.stop();
  job->wait_for_log("trying again");
  server.start();
  CHECK(job->wait_exit(3min) == 0);
  CHECK(orders.run.wrong(orders.expected) == "");
}

TEST_CASE("a job whose table is locked goes on when the lock is gone, and no result is lost or doubled", "[.real]") {
  const slow_orders orders{22};
  const auto job = orders.start();
  orders.wait_for_the_middle(*job);
  pqxx::connection other{postgres_server::shared().connection()};
  {
    pqxx::work lock{other};
    lock.exec("LOCK TABLE " + orders.run.table() + " IN SHARE ROW EXCLUSIVE MODE");
    const auto before = orders.run.row_count();
    const auto waiting =
      fmt::format("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{}'::regclass", orders.run.table());
    wait_until(
      "the job to wait for the lock", 30s, [&] { return query(waiting)[0][0].as<int>() > 0; }, 20ms,
      [&] { return job->log(); });
    CHECK(job->running());
    CHECK(orders.run.row_count() == before);
  }
  CHECK(job->wait_exit(3min) == 0);
  CHECK(orders.run.wrong(orders.expected) == "");
}

TEST_CASE("a job whose COMMIT gets no answer finds out what has become of it", "[.real]") {
  const slow_orders orders{23};
  const auto& server = postgres_server::shared();
  cutting_proxy proxy{server.port()};
  const auto job = orders.start({"--set", "postgres.connection=" + server.connection(proxy.port())});
  orders.wait_for_the_middle(*job);
  proxy.cut_answer_to("COMMIT");
  wait_until(
    "a cut", 30s, [&] { return proxy.cuts() == 1; }, 5ms, [&] { return job->log(); });
  CHECK(job->wait_exit(3min) == 0);
  CHECK(orders.run.wrong(orders.expected) == "");
}

TEST_CASE("transactions of a job that lose are done again, and rows that are refused are its dead letters", "[.real]") {
  const auto events = make_orders(24, 5'000, 0);
  expected_orders expected{events};
  orders_run run;
  query(fmt::format(
    "CREATE SEQUENCE tries_{0}; CREATE FUNCTION lose_{0}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF nextval('tries_{0}') < 5 THEN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF; "
    "IF NEW.order_id LIKE '%7' THEN RAISE EXCEPTION 'there is one' USING ERRCODE = '23505'; END IF; "
    "RETURN NEW; END $$; CREATE TRIGGER lose BEFORE INSERT ON {0} FOR EACH ROW EXECUTE FUNCTION lose_{0}()",
    run.table()));
  const auto refused = std::erase_if(expected.rows, [](const std::string& row) { return row[row.find(' ') - 1] == '7'; });
  REQUIRE(refused > 100);
  run.feed(events);
  const auto counted = run.finish({"--parallelism", "2"});
  CHECK(run.wrong(expected) == "");
  const auto letters =
    query(fmt::format("SELECT payload, reason FROM leat_dead_letters WHERE topic LIKE '%{}'", run.table()));
  CHECK(letters.size() >= refused);
  CHECK(counted.dead_letters == static_cast<std::int64_t>(letters.size()));
  CHECK_THAT(letters[0][1].c_str(), Contains("there is one"));
}

TEST_CASE("what is too large, in or out, is a dead letter of a job that writes exactly once", "[.real]") {
  auto events = make_orders(25, 2'000, 0);
  expected_orders expected{events};
  REQUIRE(!expected.aggregates.empty());
  const std::string large = "{\"event_id\":\"" + std::string(10'000'000, 'x');
  events.insert(events.begin() + 1'000, {"c-00001", large, std::nullopt, 0});
  orders_run run{{}, {{"orders", {{"max.message.bytes", "20000000"}}}, {"aggregates", {{"max.message.bytes", "100"}}}}};
  run.feed(events);
  run.finish();
  CHECK(run.letters("aggregates").size() == expected.aggregates.size());
  expected.aggregates.clear();
  CHECK(run.wrong(expected) == "");
  const auto letters = run.letters();
  REQUIRE(letters.size() == 1);
  CHECK((letters[0].payload == large));
}
