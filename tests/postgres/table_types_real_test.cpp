#include "table_fixture.hpp"

#include <leat/connectors/postgres/pg_value.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <limits>
#include <random>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

// What a sink writes, a source of its table and a lookup read back: bit by bit, in every type of column that the sink takes.

namespace {

struct everything {
  std::int64_t id = 0;
  bool yes = false;
  std::int8_t tiny = 0;
  std::uint16_t small = 0;
  std::int32_t middle = 0;
  std::uint32_t wide = 0;
  std::uint64_t widest = 0;
  std::int64_t whole = 0;
  float light = 0;
  double heavy = 0;
  decimal money;
  std::string text;
  timestamp when{};
  order_status status = order_status::open;
  order_item item;
  std::vector<std::string> names;
  std::optional<double> maybe_heavy;
  std::optional<float> maybe_light;
  std::optional<timestamp> maybe_when;
  std::optional<std::string> maybe_text;
  std::optional<std::int64_t> maybe_whole;
  std::optional<decimal> maybe_money;
};
BOOST_DESCRIBE_STRUCT(
  everything, (),
  (id, yes, tiny, small, middle, wide, widest, whole, light, heavy, money, text, when, status, item, names, maybe_heavy,
   maybe_light, maybe_when, maybe_text, maybe_whole, maybe_money))

/// For columns of other types than the best.
struct otherwise {
  std::int64_t id = 0;
  std::string bytes;
  std::optional<std::string> maybe_bytes;
  timestamp millis{};
  timestamp local{};
  timestamp day{};
  std::int64_t scaled = 0;
  float widened = 0;
  std::string padded;
  std::string address;
  order_status status = order_status::open;
  std::string document;
};
BOOST_DESCRIBE_STRUCT(
  otherwise, (), (id, bytes, maybe_bytes, millis, local, day, scaled, widened, padded, address, status, document))

template <class Number>
using limits = std::numeric_limits<Number>;

class some_values {
public:
  template <class Value>
  Value of(std::initializer_list<Value> special) {
    return special.begin()[random_() % special.size()];
  }
  template <class Number>
  Number number() {
    return random_() % 4 == 0 ? of({limits<Number>::min(), limits<Number>::max(), Number{0}, Number{1}})
                              : static_cast<Number>(random_());
  }
  template <class Real>
  Real real() {
    if (random_() % 3 == 0)
      return of(
        {limits<Real>::quiet_NaN(), limits<Real>::infinity(), -limits<Real>::infinity(), limits<Real>::denorm_min(),
         limits<Real>::max(), limits<Real>::lowest(), Real(-0.0), Real(0.1)});
    return static_cast<Real>(
      std::ldexp(static_cast<double>(number<std::int64_t>()), static_cast<int>(random_() % 80) - 70));
  }
  decimal money() {
    if (random_() % 3 == 0)
      return of(
        {decimal{"99999999999999999999999999999999999999"}, decimal{"-0.99999999999999999999999999999999999999"},
         decimal{"12.50"}, decimal{"0.000"}, decimal{"-1"}});
    return decimal::of(number<std::int64_t>(), static_cast<int>(random_() % 39));
  }
  timestamp time() {
    if (random_() % 3 == 0)
      return of(
        {from_millis(-210'866'803'200'000), from_millis(9'224'318'015'999'999), from_millis(-1), from_millis(0),
         from_millis(253'402'300'800'000)});
    return from_millis(number<std::int32_t>() * std::int64_t{1'000} + static_cast<std::int64_t>(random_() % 1'000));
  }
  std::string text() {
    return of<std::string>(
      {"", "NULL", "null", "\\x41", "a\"b\\c\n\r\t\x01", "Ä\xf0\x9f\x98\x80", std::string(3'000, 'x'), "{\"a\":1}", "12",
       " "});
  }
  std::string bytes() {
    std::string all;
    for (auto left = random_() % 300; left > 0; --left)
      all.push_back(static_cast<char>(random_()));
    return all;
  }
  bool heads() { return random_() % 2 == 0; }

private:
  std::mt19937_64 random_{20'240'501};
};

template <class Value>
std::optional<Value> perhaps(some_values& some, Value value) {
  return some.heads() ? std::optional{std::move(value)} : std::nullopt;
}

std::vector<everything> some_of_everything() {
  some_values some;
  std::vector<everything> all(1'000);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& e = all[i];
    e.id = static_cast<std::int64_t>(i);
    e.yes = some.heads();
    e.tiny = some.number<std::int8_t>();
    e.small = some.number<std::uint16_t>();
    e.middle = some.number<std::int32_t>();
    e.wide = some.number<std::uint32_t>();
    e.widest = some.number<std::uint64_t>();
    e.whole = some.number<std::int64_t>();
    e.light = some.real<float>();
    e.heavy = some.real<double>();
    e.money = some.money();
    e.text = some.text();
    e.when = some.time();
    e.status = some.of({order_status::open, order_status::paid, order_status::cancelled});
    e.item = {some.text(), some.number<std::int32_t>()};
    e.names.assign(some.number<std::uint8_t>() % 4, some.text());
    e.maybe_heavy = perhaps(some, some.real<double>());
    e.maybe_light = perhaps(some, some.real<float>());
    e.maybe_when = perhaps(some, some.time());
    e.maybe_text = perhaps(some, some.text());
    e.maybe_whole = perhaps(some, some.number<std::int64_t>());
    e.maybe_money = perhaps(some, some.money());
  }
  return all;
}

std::vector<otherwise> some_otherwise() {
  some_values some;
  std::vector<otherwise> all(1'000);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& o = all[i];
    o.id = static_cast<std::int64_t>(i);
    o.bytes = some.bytes();
    o.maybe_bytes = perhaps(some, some.bytes());
    o.millis = from_millis(some.number<std::int64_t>());
    o.local = some.time();
    o.day = from_millis(std::int64_t{86'400'000} * some.number<std::int16_t>());
    o.scaled = some.number<std::int64_t>();
    o.widened = some.real<float>();
    o.padded = "0123456789";
    o.address = some.of<std::string>({"10.0.0.1", "::1"});
    o.status = some.of({order_status::open, order_status::paid});
    o.document = some.of<std::string>({"[1, 2]", "{\"a\": \"b\"}", "null"});
  }
  return all;
}

template <class T>
std::string shown(const T& of, const std::string& bytes) {
  return fmt::format("{}: {}", of.id, hexadecimal(bytes));
}

/// The first record that was not read as it was written: none.
template <class T>
strings first_difference(const std::vector<T>& written, const std::vector<T>& read) {
  const auto before = bytes_of(written), after = bytes_of(read);
  REQUIRE(after.size() == before.size());
  const auto [was, is] = std::ranges::mismatch(before, after);
  if (was == before.end())
    return {};
  const auto place = static_cast<std::size_t>(was - before.begin());
  return {shown(written[place], *was), shown(read[place], *is)};
}

template <class T>
void check_round_trip(const test_table& table, const std::vector<T>& written, const pg_job& job) {
  write_rows(postgres::sink<T>(table.name()).create_table().upsert(&T::id), job, written);
  table_under_test<T> of{postgres::table<T>(table.name(), &T::id), job};
  of.read_to_end();
  if (!of.letters.empty())
    FAIL(of.letters[0].reason << ' ' << *of.letters[0].payload);
  CHECK(first_difference(written, of.records) == strings{});

  const auto found = postgres::lookup(*job.config, "SELECT * FROM " + table.name(), &T::id);
  std::vector<T> looked_up(written.size());
  std::atomic<std::size_t> told = 0;
  for (std::size_t i = 0; i < looked_up.size(); ++i)
    found->find(static_cast<std::int64_t>(i), [&, i](const lookup_result<T>& r) {
      if (r.value)
        looked_up[i] = *r.value;
      ++told;
    });
  wait_until("all rows", std::chrono::seconds{30}, [&] { return told == looked_up.size(); });
  CHECK(first_difference(written, looked_up) == strings{});
}

} // namespace

TEST_CASE("what a sink has written to a table that it made is read back bit by bit", "[.real]") {
  check_round_trip(test_table{}, some_of_everything(), pg_job{postgres_server::shared().connection()});
}

TEST_CASE("what a sink has written is read back from columns of other types as well", "[.real]") {
  const test_table table;
  table.execute(fmt::format(
    "CREATE TYPE status_of_{0} AS ENUM ('open', 'paid'); CREATE DOMAIN domain_of_{0} AS varchar(10); "
    "CREATE TABLE {0} (id bigint PRIMARY KEY, bytes bytea NOT NULL, maybe_bytes bytea, millis bigint, local timestamp, day "
    "date, "
    "scaled numeric(24, 4), widened float8, padded domain_of_{0}, address inet, status status_of_{0}, document json)",
    table.name()));
  check_round_trip(table, some_otherwise(), pg_job{postgres_server::shared().connection()});
}

namespace {

struct said {
  std::string moment;
  std::string day;
};
BOOST_DESCRIBE_STRUCT(said, (), (moment, day))

} // namespace

TEST_CASE("the settings of a database do not change what is read", "[.real]") {
  const auto& server = postgres_server::shared();
  const pg_job odd{
    "options='-c TimeZone=Asia/Kathmandu -c DateStyle=German -c extra_float_digits=-5 -c bytea_output=escape' " +
    server.connection()};
  check_round_trip(test_table{}, some_of_everything(), odd);
  const test_table table{"moment timestamptz PRIMARY KEY, day text NOT NULL"};
  table.execute("INSERT INTO " + table.name() + " VALUES ('2024-05-01 12:00Z', 'may')");
  table_under_test<said> of{postgres::table<said>(table.name(), &said::moment), odd};
  CHECK(of.read_to_end().records.at(0).moment == "2024-05-01T12:00:00+00:00");
  CHECK_THAT(of.saved()[0].evidence, Contains("2024-05-01 12:00:00+00"));
}

namespace {

struct narrow {
  std::int64_t id = 0;
  std::int8_t number = 0;
  float real = 0;
  order_status status = order_status::open;
  timestamp when{};
};
BOOST_DESCRIBE_STRUCT(narrow, (), (id, number, real, status, when))

} // namespace

TEST_CASE(
  "values that their members cannot hold are refused, each with its reason, and the rows between them are read",
  "[.real]") {
  const test_table table{
    "id bigint PRIMARY KEY, number numeric NOT NULL, real float8 NOT NULL, status text NOT NULL, \"when\" timestamptz"};
  table.execute(fmt::format(
    "INSERT INTO {} VALUES (1, 1.000, 0.5, 'open', 'epoch'), (2, 128, 0.5, 'open', 'epoch'), (3, 1.5, 0.5, 'open', "
    "'epoch'), "
    "(4, 1, 0.1, 'open', 'epoch'), (5, 1, 1e300, 'open', 'epoch'), (6, 1, 0.5, 'lost', 'epoch'), (7, 1, 0.5, 'open', "
    "'infinity'), "
    "(8, 1, 0.5, 'open', NULL), (9, 'NaN', 0.5, 'open', 'epoch'), (10, 1, 'NaN', 'paid', '1969-12-31 23:59:59.9999Z')",
    table.name()));
  table_under_test<narrow> of{
    postgres::table<narrow>(table.name(), &narrow::id), pg_job{postgres_server::shared().connection()}};
  of.read_to_end();
  REQUIRE(of.records.size() == 2);
  CHECK(of.records[0].id == 1);
  CHECK(of.records[0].number == 1);
  CHECK(of.records[1].id == 10);
  CHECK(of.records[1].status == order_status::paid);
  CHECK(to_millis(of.records[1].when) == -1);
  strings keys, reasons;
  for (const auto& l : of.letters) {
    keys.push_back(*l.key);
    reasons.push_back(l.reason);
  }
  CHECK(keys == strings{"2", "3", "4", "5", "6", "7", "8", "9"});
  REQUIRE(reasons.size() == 8);
  CHECK_THAT(reasons[0], Contains("`number`") && Contains("128"));
  CHECK_THAT(reasons[1], Contains("`number`") && Contains("1.5"));
  CHECK_THAT(reasons[2], Contains("`real`: 0.1 does not fit into a float exactly"));
  CHECK_THAT(reasons[3], Contains("`real`"));
  CHECK_THAT(reasons[4], Contains("`status`") && Contains("lost"));
  CHECK_THAT(reasons[5], Contains("`when`: Infinity is no time"));
  CHECK_THAT(reasons[6], Contains("`when`: must have a value, and is NULL"));
  CHECK_THAT(reasons[7], Contains("`number`") && Contains("NaN"));
}
