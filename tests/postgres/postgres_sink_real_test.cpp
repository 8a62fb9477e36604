#include "postgres_fixture.hpp"

#include "../support/wait_until.hpp"

#include <leat/base/error.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

constexpr const char* order_columns =
  "order_id text PRIMARY KEY, version bigint NOT NULL, total numeric(10, 2) NOT NULL CHECK (total >= 0), note text, status "
  "text "
  "NOT NULL, items jsonb NOT NULL, ordered timestamptz NOT NULL, weight double precision NOT NULL, gift boolean NOT NULL";

pg_job shop() { return pg_job{postgres_server::shared().connection()}; }

postgres::sink_spec<order> upsert(const test_table& to) {
  return postgres::sink<order>(to.name()).upsert(&order::order_id);
}

} // namespace

TEST_CASE("records become rows, each member the column of its name", "[.real]") {
  const test_table table{order_columns};
  sink_under_test to{upsert(table), shop()};
  auto one = order_of("a", 3, "-0.00");
  one.note = "it's \"here\"";
  one.status = order_status::paid;
  one.gift = true;
  to.write({one, order_of("b")});
  CHECK(
    table.rows("SELECT * FROM {} ORDER BY 1") ==
    strings{
      "a 3 0.00 it's \"here\" paid [{\"sku\": \"pen\", \"quantity\": 2}] 2023-11-14 22:13:20.123+00 0.25 t",
      "b 1 12.50 NULL open [{\"sku\": \"pen\", \"quantity\": 2}] 2023-11-14 22:13:20.123+00 0.25 f"});
}

TEST_CASE("an enum, a time without zone, a date and bytes are converted by the server", "[.real]") {
  static const test_table types;
  types.execute("CREATE TYPE order_state AS ENUM ('open', 'paid', 'cancelled')");
  const test_table table{"order_id bytea, version smallint, total numeric, note uuid, status order_state, items json, "
                         "ordered timestamp, weight float8, "
                         "gift bool"};
  sink_under_test to{postgres::sink<order>(table.name()), shop()};
  auto one = order_of(std::string{"\0\xff", 2});
  one.note = "6f1c2a34-0000-4000-8000-00000000000a";
  to.write({one});
  CHECK(
    table.rows("SELECT order_id, version, note, status, ordered FROM {}") ==
    strings{"\\x00ff 1 6f1c2a34-0000-4000-8000-00000000000a open 2023-11-14 22:13:20.123"});
}

TEST_CASE("an upsert overwrites a row, and an insert is refused one that is there", "[.real]") {
  const test_table table{order_columns};
  sink_under_test{upsert(table), shop()}.write({order_of("a", 1, "1.00"), order_of("a", 2, "2.00"), order_of("b")});
  CHECK(table.rows() == strings{"a 2 2.00", "b 1 12.50"});
  sink_under_test{upsert(table).update_only(&order::version), shop()}.write({order_of("a", 3, "9.00")});
  CHECK(table.rows() == strings{"a 3 2.00", "b 1 12.50"});
  sink_under_test to{postgres::sink<order>(table.name()), shop()};
  to.write({order_of("c"), order_of("b", 9), order_of("d")});
  CHECK(table.rows() == strings{"a 3 2.00", "b 1 12.50", "c 1 12.50", "d 1 12.50"});
  CHECK(to.writer->rejected() == 1);
  REQUIRE(table.letters().size() == 1);
  CHECK_THAT(table.letters()[0], Contains("duplicate key value violates unique constraint") && Contains("\"version\":9"));
}

TEST_CASE("an older version never overwrites or removes a newer row", "[.real]") {
  const test_table table{order_columns};
  const auto spec =
    upsert(table).newer_by(&order::version).remove_when([](const order& o) { return o.status == order_status::cancelled; });
  const auto cancelled = [](auto... of) {
    auto made = order_of(of...);
    made.status = order_status::cancelled;
    return made;
  };
  sink_under_test{spec, shop()}.write({order_of("a", 5, "5.00"), order_of("b", 5, "5.00"), order_of("c", 5, "5.00")});
  sink_under_test{spec, shop()}.write(
    {order_of("a", 4, "4.00"), order_of("a", 6, "6.00"), cancelled("b", 4), cancelled("c", 6), order_of("c", 5, "7.00")});
  CHECK(table.rows() == strings{"a 6 6.00", "b 5 5.00"});
}

TEST_CASE("rows that the server refuses go to dead letters with its message, and the others are committed", "[.real]") {
  const test_table table{order_columns};
  std::vector<order> records;
  for (int i = 0; i < 1000; ++i)
    records.push_back(order_of(
      fmt::format("{:04}", i), i,
      i == 17 || i == 900 ? "-1.00"
      : i == 500          ? "123456789.00"
                          : "1.00"));
  records[3].total = decimal{"0.001"};
  sink_under_test to{upsert(table), shop()};
  to.write(records);
  CHECK(
    table.rows("SELECT count(*), sum(version) FROM {}") == strings{fmt::format("996 {}", 999 * 500 - 17 - 900 - 500 - 3)});
  CHECK(to.writer->rejected() == 4);
  const auto letters = table.letters();
  REQUIRE(letters.size() == 4);
  CHECK_THAT(letters[0], Contains("violates check constraint") && Contains("(23514) <{\"order_id\":\"0017\""));
  CHECK_THAT(letters[1], Contains("numeric field overflow") && Contains("123456789.00"));
  CHECK_THAT(letters[3], Contains("field `total`: 0.001 has more than the 2 digits"));
}

TEST_CASE("a sink makes its table, and says how when it is not to", "[.real]") {
  const test_table table;
  CHECK_THROWS_WITH(
    (sink_under_test{upsert(table), shop()}), Contains(
                                                "there is no table " + table.name() + ". For these records: CREATE TABLE " +
                                                table.name() + " (\"order_id\" text NOT NULL"));
  sink_under_test to{upsert(table).create_table(), shop()};
  to.write({order_of("a", 1, "0.123456789")});
  CHECK(table.rows() == strings{"a 1 0.123456789"});
}

TEST_CASE("a database is found by an URI as well", "[.real]") {
  const test_table table{order_columns};
  const auto uri = fmt::format("postgresql://leat@127.0.0.1:{}/postgres", postgres_server::shared().port());
  sink_under_test{upsert(table), pg_job{uri}}.write({order_of("a")});
  CHECK(table.rows() == strings{"a 1 12.50"});
  CHECK_THROWS_WITH(
    (sink_under_test{upsert(table), pg_job{"postgresql://leat:hidden@127.0.0.1/postgres"}}),
    Contains("has a password in it") && !Contains("hidden"));
}

TEST_CASE("a sink that may not write says so, and never shows the password", "[.real]") {
  const test_table table{order_columns};
  const auto& server = postgres_server::shared();
  (void)sink_under_test{upsert(table), shop()}; // the table for dead letters is there
  const auto as_clerk = fmt::format("host=127.0.0.1 port={} user=clerk dbname=postgres", server.port());
  CHECK_THROWS_WITH((sink_under_test{upsert(table), pg_job{as_clerk}}), Contains("no password supplied"));
  CHECK_THROWS_WITH(
    (sink_under_test{upsert(table), pg_job{as_clerk + R"( password='it\'s secret')"}}),
    Contains("has a password in it") && !Contains("secret"));
  pg_job job{as_clerk};
  const auto file = std::filesystem::temp_directory_path() / fmt::format("leat-password-{}", ::getpid());
  std::ofstream{file} << "it's secret\n";
  job.set("postgres.password-file", file.string());
  CHECK_THROWS_WITH((sink_under_test{upsert(table), job}), Contains("permission denied"));
  table.execute("GRANT CREATE ON SCHEMA public TO clerk");
  table.execute("GRANT SELECT, INSERT, UPDATE ON " + table.name() + ", leat_dead_letters TO clerk");
  sink_under_test{upsert(table), job}.write({order_of("a")});
  CHECK(table.rows().size() == 1);
  std::ofstream{file} << "wrong\n";
  CHECK_THROWS_WITH((sink_under_test{upsert(table), job}), Contains("authentication failed") && !Contains("wrong"));
  std::filesystem::remove(file);
}

TEST_CASE("a server that restarts is waited for, and nothing is lost", "[.real]") {
  const test_table table{order_columns};
  auto& server = postgres_server::shared();
  sink_under_test to{upsert(table), shop()};
  to.write({order_of("a")});
  server.stop();
  const auto again = std::async(std::launch::async, [&] { to.write({order_of("b")}); });
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  server.start();
  again.wait();
  CHECK(table.rows() == strings{"a 1 12.50", "b 1 12.50"});
}

TEST_CASE("an epoch and its marker are one transaction", "[.real]") {
  const test_table table{order_columns};
  saved_epochs store;
  auto job = shop();
  job.context.job = table.name();
  const auto spec = upsert(table).exactly_once();
  {
    sink_under_test to{spec, job};
    to.restore(store);
    to.epoch(1, {order_of("a")}, store);
    to.log({order_of("b")});
    store.apply(2, to.transactional->cut(2));
    CHECK(table.rows() == strings{"a 1 12.50"}); // its checkpoint is durable, and nobody has said so
  }
  sink_under_test next{spec, job};
  next.restore(store);
  CHECK(table.rows() == strings{"a 1 12.50", "b 1 12.50"});
  next.epoch(3, {order_of("a", 2), order_of("c", 1, "-1.00")}, store);
  CHECK(table.rows() == strings{"a 2 12.50", "b 1 12.50"});
  CHECK(next.transactional->rejected() == 1);
  CHECK(table.letters().size() == 1);
  CHECK(table.rows("SELECT epoch FROM leat_epochs WHERE job = '" + table.name() + "'") == strings{"3"});
}

TEST_CASE("an epoch is not written twice when nobody knows whether it was committed", "[.real]") {
  const test_table table{order_columns};
  saved_epochs store;
  auto job = shop();
  job.context.job = table.name();
  const auto insert = postgres::sink<order>(table.name()).exactly_once();
  {
    sink_under_test to{insert, job};
    to.restore(store);
    to.log({order_of("a")});
    store.apply(1, to.transactional->cut(1));
    to.transactional->commit(1);
    to.wait_committed(1);
  }
  sink_under_test next{insert, job}; // the store does not know that it is out
  next.restore(store);
  CHECK(table.rows() == strings{"a 1 12.50"});
  CHECK(table.letters().empty());
}

TEST_CASE("who was replaced cannot write any more", "[.real]") {
  const test_table table{order_columns};
  saved_epochs store;
  auto job = shop();
  job.context.job = table.name();
  const auto spec = upsert(table).exactly_once();
  sink_under_test old{spec, job};
  old.restore(store);
  old.epoch(1, {order_of("a")}, store);
  old.log({order_of("zombie")});
  auto olds = store;
  olds.apply(2, old.transactional->cut(2));
  sink_under_test next{spec, job};
  next.restore(store);
  old.transactional->commit(2);
  CHECK_THROWS_WITH(old.wait_committed(2), Contains("another instance of this job has taken over shard 0"));
  next.epoch(2, {order_of("b")}, store);
  CHECK(table.rows() == strings{"a 1 12.50", "b 1 12.50"});
}

TEST_CASE("a checkpoint that the marker contradicts is refused, and let pass when the user says so", "[.real]") {
  const test_table table{order_columns};
  saved_epochs store, older;
  auto job = shop();
  job.context.job = table.name();
  const auto spec = upsert(table).exactly_once();
  {
    sink_under_test to{spec, job};
    to.restore(store);
    to.epoch(1, {order_of("a")}, store);
    older = store;
    to.epoch(2, {order_of("b")}, store);
  }
  {
    sink_under_test to{spec, job};
    CHECK_THROWS_WITH(
      to.restore(older), Contains("says that epoch 2 is written out") && Contains("postgres.allow-duplicates"));
  }
  job.set("postgres.allow-duplicates", "true");
  sink_under_test to{spec, job};
  to.restore(older);
  to.epoch(3, {order_of("c")}, older);
  CHECK(table.rows().size() == 3);
}
