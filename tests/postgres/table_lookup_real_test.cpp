#include "table_fixture.hpp"

#include "../support/wait_until.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>

using namespace leat;
using namespace leat::testing;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

struct account {
  std::int64_t number = 0;
  std::string owner;
  decimal balance;
  timestamp opened{};
  std::optional<std::string> note;
  std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(account, (), (number, owner, balance, opened, note, tags))

struct named_account {
  std::string owner;
  std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(named_account, (), (owner, number))

/// A table of accounts 1 to 2000.
test_table make_accounts() {
  test_table table{
    "number bigint PRIMARY KEY, owner text UNIQUE, balance numeric, opened timestamptz, note text, tags text[]"};
  table.execute(
    "INSERT INTO " + table.name() +
    " SELECT n, 'owner ' || n, n + 0.25, to_timestamp(n) + interval '5 ms', CASE WHEN n % 2 = 0 THEN 'even' END, "
    "ARRAY['a', 'b'] "
    "FROM generate_series(1, 2000) n");
  return table;
}

std::string select(const test_table& from) { return "SELECT * FROM " + from.name() + " WHERE number < 2000"; }

template <class Lookup, class Key>
auto find(const Lookup& in, const Key& key) {
  std::promise<typename Lookup::result> told;
  in.find(key, [&](typename Lookup::result r) { told.set_value(std::move(r)); });
  return told.get_future().get();
}

} // namespace

namespace {

struct one_letter {
  std::string k, v, q;
  friend bool operator==(const one_letter&, const one_letter&) = default;
};
BOOST_DESCRIBE_STRUCT(one_letter, (), (k, v, q))

} // namespace

TEST_CASE("columns may have the names that a statement has for something else", "[.real]") {
  const test_table table{"k text PRIMARY KEY, v text NOT NULL, q text NOT NULL"};
  table.execute("INSERT INTO " + table.name() + " VALUES ('a', 'b', 'c')");
  const pg_job job{postgres_server::shared().connection()};
  const auto letters = postgres::lookup(*job.config, "SELECT * FROM " + table.name(), &one_letter::k);
  const auto found = find(*letters, std::string{"a"});
  REQUIRE(found.value);
  CHECK(*found.value == one_letter{"a", "b", "c"});
  table_under_test<one_letter> read{
    postgres::table<one_letter>(table.name(), &one_letter::k), pg_job{postgres_server::shared().connection()}};
  CHECK(read.read_to_end().records == std::vector<one_letter>{{"a", "b", "c"}});
}

TEST_CASE("rows are found by their key, as records", "[.real]") {
  const auto table = make_accounts();
  const pg_job job{postgres_server::shared().connection()};
  const auto accounts = postgres::lookup(*job.config, select(table), &account::number);
  const auto one = find(*accounts, 41);
  REQUIRE(one.value);
  CHECK(one.value->owner == "owner 41");
  CHECK(to_string(one.value->balance) == "41.25");
  CHECK(to_millis(one.value->opened) == 41'005);
  CHECK_FALSE(one.value->note);
  CHECK(one.value->tags == std::vector<std::string>{"a", "b"});
  CHECK(find(*accounts, 42).value->note == "even");
  const auto none = find(*accounts, 2'000); // the query leaves it out
  CHECK_FALSE(none.value);
  CHECK(none.failure.empty());
  CHECK(find(*accounts, 41).value == one.value); // from the cache
  CHECK(accounts->counted().asked == 3);
}

TEST_CASE("text keys may hold anything that text can", "[.real]") {
  const test_table table{"owner text PRIMARY KEY, number bigint"};
  table.execute("INSERT INTO " + table.name() + R"( VALUES (E'O\'Neil "x" \\ {a,b}', 1), ('', 2), ('NULL', 3))");
  const pg_job job{postgres_server::shared().connection()};
  const auto accounts = postgres::lookup(*job.config, "SELECT * FROM " + table.name(), &named_account::owner);
  CHECK(find(*accounts, std::string{R"(O'Neil "x" \ {a,b})"}).value->number == 1);
  CHECK(find(*accounts, std::string{}).value->number == 2);
  CHECK(find(*accounts, std::string{"NULL"}).value->number == 3);
}

TEST_CASE("thousands of keys at a time are a few queries, each told its own row", "[.real]") {
  const auto table = make_accounts();
  const pg_job job{postgres_server::shared().connection()};
  const auto accounts = postgres::lookup(*job.config, select(table), &account::number);
  std::atomic<int> right = 0, told = 0;
  for (std::int64_t n = 1; n < 2'000; ++n)
    accounts->find(n, [&, n](const lookup_result<account>& r) {
      right += r.value && r.value->number == n ? 1 : 0;
      ++told;
    });
  wait_until("all rows", 30s, [&] { return told == 1'999; });
  CHECK(right == 1'999);
}

TEST_CASE("a key that the column cannot hold fails alone", "[.real]") {
  const test_table table{"owner uuid PRIMARY KEY, number bigint"};
  table.execute("INSERT INTO " + table.name() + " SELECT gen_random_uuid(), n FROM generate_series(1, 100) n");
  const pg_job job{postgres_server::shared().connection()};
  const auto accounts = postgres::lookup(*job.config, "SELECT * FROM " + table.name(), &named_account::owner, {}, 1);
  const auto ids = table.rows("SELECT owner FROM {}");
  std::atomic<int> found = 0, failed = 0;
  for (const auto& id : ids)
    accounts->find(id, [&](const lookup_result<named_account>& r) { (r.value ? found : failed)++; });
  std::promise<std::string> why;
  accounts->find("not a uuid", [&](const lookup_result<named_account>& r) { why.set_value(r.absence); });
  CHECK_THAT(why.get_future().get(), Contains("invalid input syntax for type uuid"));
  wait_until("the others", 30s, [&] { return found + failed == 100; });
  CHECK(found == 100);
}

TEST_CASE("a query that is wrong says so, and a database that is away is asked again when it is back", "[.real]") {
  const auto table = make_accounts();
  const pg_job job{postgres_server::shared().connection()};
  const auto wrong = postgres::lookup(*job.config, "SELECT nothing FROM " + table.name(), &account::number);
  CHECK_THAT(find(*wrong, 1).failure, Contains("nothing"));

  postgres_server own;
  pg_job there{own.connection()};
  const auto accounts = postgres::lookup(
    *there.config, "SELECT 7 AS number, 'ann' AS owner", &named_account::number, {.fresh_for = duration{0}});
  const auto owner_of = [&](std::int64_t number) {
    const auto found = find(*accounts, number);
    return found.value ? found.value->owner : "! " + found.failure;
  };
  CHECK(owner_of(7) == "ann");
  own.stop();
  CHECK_THAT(owner_of(7), Contains("does not say"));
  own.start();
  CHECK(owner_of(7) == "ann");
}

TEST_CASE("a lookup that ends tells whoever still waits", "[.real]") {
  const pg_job job{postgres_server::shared().connection()};
  std::atomic<int> told = 0;
  {
    const auto slow =
      postgres::lookup(*job.config, "SELECT 1 AS number, 'ann' || pg_sleep(0.2) AS owner", &named_account::number, {}, 1);
    for (std::int64_t n = 0; n < 1'200; ++n)
      slow->find(n, [&](const lookup_result<named_account>&) { ++told; });
  }
  CHECK(told == 1'200);
}
