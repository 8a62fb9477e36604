#include <leat/base/error.hpp>
#include <leat/connectors/postgres/pg_value.hpp>
#include <leat/connectors/postgres/reading/table_bookmark.hpp>
#include <leat/connectors/postgres/reading/table_query.hpp>
#include <leat/connectors/postgres/row_decoder.hpp>

#include <catch2/catch.hpp>

#include <boost/describe.hpp>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace leat;
using Catch::Contains;

namespace {

struct sample {
  std::int64_t id = 0;
  std::optional<double> weight;
  timestamp taken{};
  std::string data;
};
BOOST_DESCRIBE_STRUCT(sample, (), (id, weight, taken, data))

pg_column not_null(std::string name, std::string type) {
  pg_column made;
  made.name = std::move(name);
  made.sql_type = made.type = std::move(type);
  made.not_null = true;
  return made;
}

pg_table samples() {
  pg_table made;
  made.name = "public.samples";
  made.columns = {
    not_null("id", "bigint"), not_null("weight", "double precision"), not_null("taken", "timestamp with time zone"),
    not_null("data", "bytea")};
  made.unique = {{"id"}, {"taken", "id"}};
  return made;
}

table_query query_of(const pg_table& table, const table_options& options) {
  return {table, options, row_selection{schema_of<sample>(), table.columns}};
}

std::string objection(const pg_table& table) {
  try {
    check_readable(schema_of<sample>(), table);
    return "taken";
  } catch (const connector_error& e) {
    return e.what();
  }
}

/// A row as it comes, with what stands beside it.
struct told_row {
  told_row(std::string object, const std::vector<std::optional<std::string>>& values) : json{std::move(object)} {
    pg_value_writer to{apart};
    for (const auto& value : values)
      if (value)
        to.text(*value);
      else
        to.null();
  }

  std::string json, apart;
};

struct decoded {
  std::vector<sample> records;
  std::vector<rejection> rejected;
};

decoded decode(const std::vector<told_row>& rows) {
  const auto table = samples();
  row_decoder of{schema_of<sample>(), row_selection{schema_of<sample>(), table.columns}};
  std::vector<raw_record> in(rows.size());
  std::vector<std::string_view> beside;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    in[i].payload = rows[i].json;
    beside.emplace_back(rows[i].apart);
  }
  of.beside(beside);
  decoded made;
  made.records.resize(rows.size());
  for (auto& stale : made.records)
    stale.weight = 7;
  made.records.resize(of.decode(in, made.records.data(), sizeof(sample), made.rejected));
  return made;
}

table_bookmark some_place() {
  table_bookmark mark;
  mark.table = "shop.\"Orders\"";
  mark.condition = "status = 'open'";
  mark.key = {"customer", "number"};
  mark.last = {"O'Neil \"x\" \n{a}", "-12"};
  return mark;
}

} // namespace

TEST_CASE("a page begins behind the last key of the one before") {
  const auto by_id = query_of(samples(), {"samples", {"id"}});
  CHECK(
    by_id.page(false, 100) ==
    "SELECT q.\"id\", row_to_json(v.*), q.\"weight\", floor(extract(epoch FROM q.\"taken\") * 1000), q.\"data\" FROM "
    "public.samples AS q CROSS JOIN LATERAL (SELECT q.\"id\", q.\"weight\", q.\"taken\", q.\"data\") AS v ORDER BY "
    "q.\"id\" "
    "LIMIT 100");
  CHECK_THAT(by_id.page(true, 7), Contains(" WHERE (q.\"id\") > ($1) ORDER BY q.\"id\" LIMIT 7"));
  const auto by_both = query_of(samples(), {"samples", {"taken", "id"}, "id > 7 -- not the first"});
  CHECK_THAT(
    by_both.page(true, 7), Contains("FROM (SELECT * FROM public.samples WHERE (id > 7 -- not the first\n)) AS q") &&
                             Contains(" WHERE (q.\"taken\", q.\"id\") > ($1, $2) ORDER BY q.\"taken\", q.\"id\" LIMIT 7"));
}

TEST_CASE("a key has to be that of a unique index, in its order, and never NULL") {
  CHECK_THROWS_WITH(query_of(samples(), {"samples", {"id", "taken"}}), Contains("no unique index of (id, taken)"));
  auto table = samples();
  table.columns[0].not_null = false;
  CHECK_THROWS_WITH(query_of(table, {"samples", {"id"}}), Contains("column id of table public.samples may be NULL"));
}

TEST_CASE("a column that a member cannot hold is refused with the member that could") {
  CHECK(objection(samples()) == "taken");
  auto table = samples();
  table.columns[1].type = "numeric";
  CHECK_THAT(objection(table), Contains("`weight`") && Contains("of type numeric") && Contains("make it a leat::decimal"));
  table.columns[1].name = "weigth";
  CHECK_THAT(objection(table), Contains("no column for member `weight`") && Contains("did you mean `weigth`?"));
}

TEST_CASE("rows become records, what JSON cannot hold included, and those that do not fit leave no gap") {
  const auto [records, rejected] = decode(
    {told_row(R"({"id":1,"weight":"NaN"})", {"NaN", "-62135596800001", "\\x00ff41"}),
     told_row(R"({"id":2})", {"1", std::nullopt, "\\x"}), told_row(R"({"id":"x"})", {"1", "1", "\\x"}),
     told_row(R"({"id":4})", {std::nullopt, "0", "\\x"}), told_row(R"({"id":5})", {"1e999", "0", "\\x"})});
  REQUIRE(records.size() == 2);
  CHECK(std::isnan(*records[0].weight));
  CHECK(to_millis(records[0].taken) == -62'135'596'800'001);
  CHECK(
    records[0].data == std::string{
                         "\0\xff"
                         "A",
                         3});
  CHECK(records[1].id == 4);
  CHECK_FALSE(records[1].weight);
  CHECK(records[1].data.empty());
  REQUIRE(rejected.size() == 3);
  CHECK(rejected[0].index == 1);
  CHECK_THAT(rejected[0].reason, Contains("`taken`: must have a value, and is NULL"));
  CHECK(rejected[1].index == 2);
  CHECK_THAT(rejected[1].reason, Contains("`id`"));
  CHECK(rejected[2].index == 4);
  CHECK_THAT(rejected[2].reason, Contains("`weight`: 1e999 does not fit into a double"));
}

TEST_CASE("a place in a table is kept as text and known again") {
  const auto text = to_text(some_place());
  const auto again = table_bookmark_from(text);
  CHECK(again.last == some_place().last);
  CHECK(explain_other_reading(again, some_place()).empty());
  auto other = some_place();
  other.key = {"number"};
  CHECK_THAT(
    explain_other_reading(again, other),
    Contains("by (customer, number) where status = 'open'") && Contains("by (number)"));
  CHECK_THROWS_AS(table_bookmark_from(text.substr(1)), state_error);
  auto later = some_place();
  later.version = 2;
  CHECK_THROWS_AS(table_bookmark_from(to_text(later)), state_error);
}
