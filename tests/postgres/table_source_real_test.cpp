#include "table_fixture.hpp"

#include <leat/base/error.hpp>
#include <leat/connectors/postgres/reading/table_pages.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

struct parcel {
  std::int64_t number = 0;
  std::string town;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(parcel, (), (number, town, note))

constexpr const char* parcel_columns = "number bigint PRIMARY KEY, town text NOT NULL, note text";
constexpr int parcels = 12'345; // so that pages get longer than a batch

test_table make_parcels(int count = parcels) {
  test_table table{parcel_columns};
  table.execute(fmt::format(
    "INSERT INTO {} SELECT n, 'town ' || n % 7, CASE WHEN n % 2 = 0 THEN 'even' END FROM generate_series(1, {}) n "
    "ORDER BY random()",
    table.name(), count));
  return table;
}

auto by_number(const test_table& table) { return postgres::table<parcel>(table.name(), &parcel::number); }

pg_job shared_server() { return pg_job{postgres_server::shared().connection()}; }

std::vector<std::int64_t> numbers(const std::vector<parcel>& of) {
  std::vector<std::int64_t> all;
  for (const auto& p : of)
    all.push_back(p.number);
  return all;
}

std::vector<std::int64_t> counted(std::int64_t from, std::int64_t to, std::int64_t step = 1) {
  std::vector<std::int64_t> all;
  for (; from <= to; from += step)
    all.push_back(from);
  return all;
}

template <class T>
std::string
objection(const postgres::table_spec<T>& to, pg_job job = shared_server(), std::vector<saved_reading> from = {}) {
  try {
    const table_under_test<T> opened{to, std::move(job), std::move(from)};
    return "read";
  } catch (const connector_error& e) {
    return e.what();
  }
}

} // namespace

TEST_CASE("all rows of a table are read once, page by page, in the order of its key", "[.real]") {
  const auto table = make_parcels();
  table_under_test<parcel> of{by_number(table), shared_server()};
  of.read_to_end();
  CHECK(numbers(of.records) == counted(1, parcels));
  CHECK(of.records[0].town == "town 1");
  CHECK_FALSE(of.records[0].note);
  CHECK(of.records[1].note == "even");
  CHECK(of.letters.empty());
  CHECK(of.reader().position() == parcels);
  CHECK_FALSE(of.read());
}

TEST_CASE("a table without rows, and one whose last page is full, have their ends", "[.real]") {
  for (const int rows : {0, 500}) {
    const auto table = make_parcels(rows);
    auto job = shared_server();
    job.set("postgres.page-rows", "100");
    CHECK(table_under_test<parcel>{by_number(table), job}.read_to_end().records.size() == static_cast<std::size_t>(rows));
  }
}

TEST_CASE("a condition chooses the rows that are read", "[.real]") {
  const auto table = make_parcels();
  const auto of = by_number(table).where("note = 'even' OR number = 7 -- seven as well");
  CHECK(table_under_test<parcel>{of.where("number % 2 = 0"), shared_server()}.read_to_end().records.size() == parcels / 2);
  const auto some = numbers(table_under_test<parcel>{of, shared_server()}.read_to_end().records);
  CHECK(some.size() == parcels / 2 + 1);
  CHECK(std::vector<std::int64_t>(some.begin(), some.begin() + 5) == std::vector<std::int64_t>{2, 4, 6, 7, 8});
}

TEST_CASE("a source that goes on from a checkpoint neither loses nor repeats a row, wherever that was", "[.real]") {
  const auto table = make_parcels();
  auto job = shared_server();
  for (const auto* const rows : {"1000000", "333", "64"}) {
    job.set("postgres.page-rows", rows);
    std::vector<std::int64_t> all;
    std::vector<saved_reading> at;
    for (std::size_t each = 1; each < 2 * parcels; each *= 3) {
      table_under_test<parcel> of{by_number(table), job, at};
      of.read_at_least(each);
      const auto some = numbers(of.records);
      all.insert(all.end(), some.begin(), some.end());
      at = of.saved();
      CHECK(at[0].position == static_cast<std::int64_t>(all.size()));
    }
    CHECK(all == counted(1, parcels));
    CHECK(table_under_test<parcel>{by_number(table), job, at}.read_to_end().records.empty());
  }
}

TEST_CASE("a place is kept by its key, so what was removed or has come in front of it shifts nothing", "[.real]") {
  const auto table = make_parcels(1'000);
  auto job = shared_server();
  job.set("postgres.page-rows", "10");
  table_under_test<parcel> first{by_number(table), job};
  first.read_at_least(100);
  const auto read = numbers(first.records);
  table.execute(fmt::format("DELETE FROM {} WHERE number BETWEEN 50 AND {}", table.name(), read.back()));
  table.execute(fmt::format("INSERT INTO {} VALUES (-1, 'before', NULL), (5000, 'behind', NULL)", table.name()));
  const auto rest = numbers(table_under_test<parcel>{by_number(table), job, first.saved()}.read_to_end().records);
  auto expected = counted(read.back() + 1, 1'000);
  expected.push_back(5'000);
  CHECK(rest == expected);
}

TEST_CASE("the checkpoint of another table, key or condition is refused", "[.real]") {
  const auto table = make_parcels(10);
  const test_table other{"number bigint PRIMARY KEY, town text NOT NULL UNIQUE, note text"};
  table_under_test<parcel> of{by_number(table).where("number < 5"), shared_server()};
  const auto at = of.read_to_end().saved();
  for (const auto& changed :
       {by_number(table), by_number(table).where("number < 6"), by_number(other).where("number < 5"),
        postgres::table<parcel>(other.name(), &parcel::town).where("number < 5")})
    CHECK_THAT(
      objection(changed, shared_server(), at), Contains(
                                                 "the checkpoint has read public." + table.name() +
                                                 " by (number) where "
                                                 "number < 5, and the program reads") &&
                                                 Contains("--allow-dropped-state"));
  CHECK(objection(by_number(table).where("number < 5"), shared_server(), at) == "read");
}

namespace {

struct stop_at {
  std::string line;
  std::int32_t place = 0;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(stop_at, (), (line, place, name))

} // namespace

TEST_CASE("a key may be of several columns, and its texts may hold anything, in the order of their collation", "[.real]") {
  const test_table table{
    "line text COLLATE \"und-x-icu\" NOT NULL, place int NOT NULL, name text NOT NULL, UNIQUE (line, place)"};
  table.execute(fmt::format(
    R"(INSERT INTO {} SELECT l, n, 'x' FROM generate_series(1, 40) n,
       unnest(ARRAY['a', 'B', 'Ä', 'b', '', '"', '\', '{{,}}', E'\n', '(1)', 'NULL']) l)",
    table.name()));
  const auto of = postgres::table<stop_at>(table.name(), &stop_at::line, &stop_at::place);
  auto job = shared_server();
  job.set("postgres.page-rows", "7"); // pages end within a line
  strings read;
  table_under_test<stop_at> first{of, job};
  first.read_at_least(150);
  table_under_test<stop_at> second{of, job, first.saved()};
  second.read_to_end();
  for (const auto* const some : {&first.records, &second.records})
    for (const auto& s : *some)
      read.push_back(fmt::format("{} {}", s.line, s.place));
  CHECK(read.size() == 440);
  CHECK(read == table.rows("SELECT line || ' ' || place FROM {} ORDER BY line, place"));
}

TEST_CASE("keys of every usual type are gone on from", "[.real]") {
  for (const auto* const type :
       {"uuid", "timestamptz", "numeric", "character(20)", "float8", "bytea", "date", "varchar(40)"}) {
    CAPTURE(type);
    const test_table table{fmt::format("town {} PRIMARY KEY, number bigint, note text", type)};
    const std::string value = type == std::string{"uuid"}          ? "gen_random_uuid()"
                              : type == std::string{"timestamptz"} ? "to_timestamp(n / 7.0)"
                              : type == std::string{"date"}        ? "date '2000-01-01' + n"
                              : type == std::string{"bytea"}       ? "decode(md5(n::text), 'hex')"
                              : type == std::string{"float8"}      ? "n / 7.0"
                                                                   : fmt::format("(n * 3)::{}", type);
    table.execute(fmt::format("INSERT INTO {} SELECT {}, n, NULL FROM generate_series(1, 300) n", table.name(), value));
    auto job = shared_server();
    job.set("postgres.page-rows", "7");
    table_under_test<parcel> of{postgres::table<parcel>(table.name(), &parcel::town), job};
    auto read = numbers(of.read_to_end().records);
    CHECK(of.letters.empty());
    std::ranges::sort(read);
    CHECK(read == counted(1, 300));
  }
}

TEST_CASE("a key that does not tell rows apart, or may be NULL, is refused with what to do", "[.real]") {
  const test_table table{"number bigint, town text NOT NULL, note text UNIQUE, UNIQUE (town, number)"};
  CHECK_THAT(
    objection(postgres::table<parcel>(table.name(), &parcel::town)), Contains("source 'orders': ") &&
                                                                       Contains("has no unique index of (town)") &&
                                                                       Contains("CREATE UNIQUE INDEX ON public."));
  CHECK_THAT(
    objection(postgres::table<parcel>(table.name(), &parcel::town, &parcel::number)),
    Contains("column number") && Contains("may be NULL") && Contains("ALTER COLUMN \"number\" SET NOT NULL"));
  table.execute("ALTER TABLE " + table.name() + " ALTER number SET NOT NULL");
  CHECK(objection(postgres::table<parcel>(table.name(), &parcel::town, &parcel::number)) == "read");
  CHECK_THAT(
    objection(postgres::table<parcel>(table.name(), &parcel::number, &parcel::town)),
    Contains("unique index of (number, town)"));
  table.execute(fmt::format("CREATE VIEW {0}_seen AS SELECT * FROM {0}", table.name()));
  CHECK_THAT(
    objection(postgres::table<parcel>(table.name() + "_seen", &parcel::number)),
    Contains("has no unique index") && Contains("of a view, read the table behind it"));
  table.execute(fmt::format("CREATE TABLE {0}_heir () INHERITS ({0})", table.name()));
  CHECK_THAT(
    objection(postgres::table<parcel>(table.name(), &parcel::town, &parcel::number)),
    Contains("read each of them by itself"));
}

TEST_CASE("a table, column, condition or permission that is missing is named at the start", "[.real]") {
  CHECK_THAT(objection(postgres::table<parcel>("nowhere", &parcel::number)), Contains("there is no table nowhere"));
  const test_table without{"number bigint PRIMARY KEY, towns text NOT NULL"};
  CHECK_THAT(objection(by_number(without)), Contains("no column for member `town`") && Contains("did you mean `towns`?"));
  const test_table numeric{"number numeric(5, 2) PRIMARY KEY, town text, note text[]"};
  CHECK(objection(by_number(numeric)) == "read");
  const test_table wrong{"number text PRIMARY KEY, town text, note text"};
  CHECK_THAT(
    objection(by_number(wrong)), Contains("`number`") && Contains("of kind int64") &&
                                   Contains("column number of type text") && Contains("a std::string"));
  const auto table = make_parcels(1);
  CHECK_THAT(objection(by_number(table).where("numbr = 1")), Contains("with the condition numbr = 1") && Contains("numbr"));

  const auto& server = postgres_server::shared();
  const std::string clerk = server.connection() + " user=clerk";
  ::setenv("PGPASSWORD", "it's secret", 1);
  CHECK_THAT(objection(by_number(table), pg_job{clerk}), Contains("GRANT SELECT ON public." + table.name() + " TO clerk"));
  ::setenv("PGPASSWORD", "wrong", 1);
  CHECK_THAT(
    objection(by_number(table), pg_job{clerk}), Contains("password authentication failed") && !Contains("wrong\""));
  ::unsetenv("PGPASSWORD");
}

TEST_CASE("a server that is away at the start ends the job with what the connection has said", "[.real]") {
  auto job = shared_server();
  job.set("postgres.connection", "host=127.0.0.1 port=1 dbname=postgres");
  std::stop_source stop; // who stops the job need not wait the ten seconds
  stop.request_stop();
  job.context.stop = stop.get_token();
  CHECK_THAT(
    objection(postgres::table<parcel>("parcels", &parcel::number), job),
    Contains("source 'orders': 127.0.0.1:1/postgres: ") && Contains("Connection"));
}

TEST_CASE("rows that do not fit become dead letters, with the row as JSON", "[.real]") {
  const test_table table{"number bigint PRIMARY KEY, town text, note text"};
  table.execute("INSERT INTO " + table.name() + " VALUES (1, 'Bonn', NULL), (2, NULL, 'no town'), (3, 'Ulm', NULL)");
  table_under_test<parcel> of{by_number(table), shared_server()};
  of.read_to_end();
  CHECK(numbers(of.records) == std::vector<std::int64_t>{1, 3});
  REQUIRE(of.letters.size() == 1);
  const auto& letter = of.letters[0];
  CHECK_THAT(letter.reason, Contains("field `town`") && Contains("null"));
  CHECK(letter.step == "orders");
  CHECK(letter.topic == "public." + table.name());
  CHECK(letter.offset == 1);
  CHECK(letter.key == "2");
  CHECK(letter.payload == R"({"number":2,"town":null,"note":"no town"})");
}

TEST_CASE("a server that restarts while its table is read costs no row", "[.real]") {
  postgres_server own;
  {
    pqxx::connection through{own.connection()};
    pqxx::nontransaction{through}.exec(fmt::format(
      "CREATE TABLE parcels ({}); INSERT INTO parcels SELECT n, 'here', NULL FROM generate_series(1, 5000) n",
      parcel_columns));
  }
  pg_job job{own.connection()};
  job.set("postgres.page-rows", "50");
  table_under_test<parcel> of{postgres::table<parcel>("parcels", &parcel::number), job};
  of.read_at_least(700);
  own.stop();
  own.start();
  of.read_to_end();
  CHECK(numbers(of.records) == counted(1, 5'000));
}

TEST_CASE("a table that somebody has locked is waited for, and a reader that is to end does not wait for it", "[.real]") {
  const auto table = make_parcels(10);
  const auto source = by_number(table).make_source();
  const auto job = shared_server();
  const auto which = source->open(job.context).at(0);
  pqxx::connection other{postgres_server::shared().connection()};
  auto lock = std::make_unique<pqxx::work>(other);
  lock->exec("LOCK TABLE " + table.name() + " IN ACCESS EXCLUSIVE MODE");
  wake_up wake;
  {
    const auto ending = source->make_reader(which, std::nullopt, wake.as_waker());
    wait_until("the reader to wait for the lock", std::chrono::seconds{30}, [&] {
      return table.rows("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '{}'::regclass") != strings{"0"};
    });
  }
  const auto reader = source->make_reader(which, std::nullopt, wake.as_waker());
  const auto out = batch<parcel>::fresh();
  const auto rejected = batch<dead_letter>::fresh();
  CHECK(reader->read(*out, *rejected) == read_status::drained);
  CHECK_FALSE(reader->caught_up());
  lock.reset(); // lets go
  REQUIRE(wake.wait(std::chrono::seconds{30}));
  CHECK(reader->read(*out, *rejected) == read_status::more);
  CHECK(out->size() == 10);
}

TEST_CASE("pages of long rows have fewer of them", "[.real]") {
  const test_table table{parcel_columns};
  table.execute(
    fmt::format("INSERT INTO {} SELECT n, repeat('x', 20000), NULL FROM generate_series(1, 300) n", table.name()));
  pqxx::connection through{postgres_server::shared().connection()};
  pqxx::nontransaction in{through};
  const auto found = find_table(in, table.name());
  const row_selection selected{schema_of<parcel>(), found->columns};
  metrics counters;
  table_pages::parts with{{}, table_query{*found, {table.name(), {"number"}}, selected}};
  with.session.address.connection = postgres_server::shared().connection();
  with.columns = 1;
  with.rows = 300;
  with.bytes = 100'000;
  with.bytes_in = &counters.get("bytes_in", "parcels", 0);
  wake_up wake;
  table_pages pages{std::move(with), {}, wake.as_waker()};
  std::vector<std::size_t> sizes;
  for (bool more = true; more;) {
    if (const auto page = pages.take()) {
      sizes.push_back(page->rows.size());
      more = !page->last;
    } else {
      REQUIRE(wake.wait());
    }
  }
  REQUIRE(sizes.size() == 73); // 16 to see how long they are, then 4 at a time, and none
  CHECK(std::ranges::all_of(sizes.begin() + 1, sizes.end() - 1, [](std::size_t rows) { return rows == 4; }));
}
