#include "postgres_fixture.hpp"

#include <leat/base/error.hpp>
#include <leat/connectors/postgres/row_batch.hpp>
#include <leat/connectors/postgres/row_encoder.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

struct reading {
  std::int32_t id = 0;
  std::int64_t version = 0;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(reading, (), (id, version, text))

struct amount {
  decimal value;
};
BOOST_DESCRIBE_STRUCT(amount, (), (value))

struct measure {
  double value = 0;
};
BOOST_DESCRIBE_STRUCT(measure, (), (value))

struct when {
  timestamp value{};
};
BOOST_DESCRIBE_STRUCT(when, (), (value))

pg_column column(std::string name, std::string type) {
  pg_column made;
  made.name = std::move(name);
  made.sql_type = made.type = std::move(type);
  return made;
}

pg_table readings() {
  pg_table made;
  made.name = "public.readings";
  made.columns = {column("id", "integer"), column("version", "bigint"), column("text", "text")};
  made.unique = {{"id"}};
  return made;
}

row_options upsert_by_id(std::string version = "") {
  row_options o;
  o.table = "readings";
  o.action = row_action::upsert;
  o.key = {"id"};
  o.version = std::move(version);
  return o;
}

template <class T>
std::string objection(pg_table table, const row_options& options = {}) {
  try {
    (void)row_encoder{schema_of<T>(), table, options};
    return "taken";
  } catch (const connector_error& e) {
    return e.what();
  }
}

template <class T>
std::string objection_to(const std::string& type) {
  pg_table table;
  table.name = "t";
  table.columns = {column("value", type)};
  return objection<T>(table);
}

template <class T>
encoded_records encode(row_encoder& with, std::vector<T> records, std::vector<rejection>& rejected) {
  batch<T> in;
  for (auto& r : records)
    in.push(std::move(r), timestamp{});
  encoded_records out;
  with.encode(in, 0, out, rejected);
  return out;
}

struct encoded_readings {
  encoded_readings(const row_options& options, std::vector<reading> records)
    : encoding{schema_of<reading>(), readings(), options} {
    std::vector<rejection> none;
    bytes = encode(encoding, std::move(records), none);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      rows.push_back(bytes[i]);
  }
  [[nodiscard]] strings shown(const std::vector<std::string_view>& some) const {
    strings all;
    for (const auto row : some)
      all.push_back(row_as_json(encoding.layout(), row));
    return all;
  }

  row_encoder encoding;
  encoded_records bytes;
  std::vector<std::string_view> rows;
};

} // namespace

TEST_CASE("a statement writes arrays of rows, and overwrites those that are there") {
  const row_encoder e{schema_of<reading>(), readings(), upsert_by_id()};
  CHECK(
    insert_statement(e.layout()) ==
    R"(INSERT INTO public.readings AS target ("id", "version", "text") SELECT (given.c1), (given.c2), (given.c3) FROM )"
    R"(unnest($1::int4[], $2::int8[], $3::text[]) AS given(c1, c2, c3) ON CONFLICT ("id") DO UPDATE SET )"
    R"("version" = excluded."version", "text" = excluded."text")");
  CHECK(
    delete_statement(e.layout()) ==
    R"(DELETE FROM public.readings AS target USING unnest($1::int4[]) AS given(c1) WHERE target."id" = (given.c1))");
}

TEST_CASE("with a version, a statement changes only rows that are not newer") {
  const row_encoder e{schema_of<reading>(), readings(), upsert_by_id("version")};
  CHECK_THAT(
    insert_statement(e.layout()), Contains(R"( WHERE target."version" IS NULL OR target."version" <= excluded."version")"));
  CHECK_THAT(
    delete_statement(e.layout()), Contains(R"( AND (target."version" IS NULL OR target."version" <= (given.c2)))"));
}

TEST_CASE("names are quoted, whatever they are") { CHECK(sql_name("a\"b") == R"("a""b")"); }

TEST_CASE("of rows with the same key the last one is written") {
  const encoded_readings r{upsert_by_id(), {{1, 1, "a"}, {2, 1, "b"}, {1, 9, "c"}, {1, 2, "d"}}};
  CHECK(
    r.shown(distinct(r.encoding.layout(), r.rows).kept) ==
    strings{R"({"id":2,"version":1,"text":"b"})", R"({"id":1,"version":2,"text":"d"})"});
}

TEST_CASE("of rows with the same key and versions the last one of the latest version is written") {
  const encoded_readings r{upsert_by_id("version"), {{1, 1, "a"}, {1, 9, "b"}, {1, 9, "c"}, {1, -2, "d"}}};
  CHECK(r.shown(distinct(r.encoding.layout(), r.rows).kept) == strings{R"({"id":1,"version":9,"text":"c"})"});
}

TEST_CASE("rows of an insert are all written") {
  const encoded_readings r{{}, {{1, 1, "a"}, {1, 1, "a"}}};
  CHECK(distinct(r.encoding.layout(), r.rows).kept.size() == 2);
}

TEST_CASE("a table that cannot take the records says what would help") {
  auto table = readings();
  table.columns.pop_back();
  CHECK(
    objection<reading>(table) == "table public.readings has no column for field `text`: ALTER TABLE public.readings ADD "
                                 "COLUMN \"text\" text NOT NULL, or name "
                                 "the fields that are written with .columns(…)");
  auto more = readings();
  more.columns.push_back(column("must", "text"));
  more.columns.back().not_null = true;
  CHECK_THAT(objection<reading>(more), Contains("column must of table public.readings must have a value"));
  more.columns.back().has_default = true;
  CHECK(objection<reading>(more) == "taken");
  auto unindexed = readings();
  unindexed.unique.clear();
  CHECK_THAT(objection<reading>(unindexed, upsert_by_id()), Contains("CREATE UNIQUE INDEX ON public.readings (\"id\")"));
  CHECK_THAT(objection<reading>(readings(), upsert_by_id("txt")), Contains("did you mean `text`?"));
  CHECK_THAT(objection<reading>(readings(), upsert_by_id("text")), Contains("is no version"));
}

TEST_CASE("rows are removed by their key, and by nothing else") {
  struct all_of_them : removal_test {
    void removals(const batch_base& records, std::size_t from, std::vector<char>& to) const override {
      to.insert(to.end(), records.size() - from, 1);
    }
  };
  row_options without_key;
  without_key.removes = std::make_shared<all_of_them>();
  CHECK_THAT(objection<reading>(readings(), without_key), Contains(".upsert(…)"));
  auto by_key = upsert_by_id();
  by_key.removes = without_key.removes;
  const encoded_readings r{by_key, {{1, 1, "a"}, {2, 1, "b"}}};
  CHECK(distinct(r.encoding.layout(), r.rows).removed.size() == 2);
}

TEST_CASE("what could lose digits is refused before anything is written") {
  CHECK(objection_to<amount>("numeric") == "taken");
  CHECK_THAT(objection_to<amount>("double precision"), Contains("of kind decimal") && Contains("make it numeric"));
  CHECK_THAT(objection_to<measure>("real"), Contains("make it double precision"));
  CHECK_THAT(objection_to<measure>("bigint"), Contains("cannot take exactly"));
  CHECK(objection_to<measure>("double precision") == "taken");
  CHECK(objection_to<when>("bigint") == "taken");
  CHECK_THAT(objection_to<when>("text"), Contains("make it timestamptz"));
}

TEST_CASE("a value that its column would change is refused with its field") {
  pg_table table;
  table.name = "t";
  table.columns = {column("value", "numeric")};
  table.columns[0].numeric_scale = 2;
  row_encoder e{schema_of<amount>(), table, {}};
  std::vector<rejection> rejected;
  const auto out = encode<amount>(e, {{decimal{"1.25"}}, {decimal{"1.250"}}, {decimal{"1.255"}}}, rejected);
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].index == 2);
  CHECK(rejected[0].reason == "field `value`: 1.255 has more than the 2 digits behind the point that its column keeps");
  CHECK(out.size() == 3);
  CHECK(out[2].empty());
}

TEST_CASE("text that PostgreSQL does not have is refused with its field") {
  row_encoder e{schema_of<reading>(), readings(), {}};
  std::vector<rejection> rejected;
  (void)encode<reading>(e, {{1, 1, std::string{"a\0b", 3}}, {1, 1, "\xff"}, {1, 1, "é"}}, rejected);
  REQUIRE(rejected.size() == 2);
  CHECK(rejected[0].reason == "field `text`: PostgreSQL's text has no character U+0000");
  CHECK(rejected[1].reason == "field `text`: no UTF-8 at byte 0");
}

TEST_CASE("the table for a record type is written down for whoever has none") {
  CHECK(
    create_table_statement(schema_of<reading>(), upsert_by_id()) ==
    R"(CREATE TABLE readings ("id" integer NOT NULL, "version" bigint NOT NULL, "text" text NOT NULL, PRIMARY KEY ("id")))");
}
