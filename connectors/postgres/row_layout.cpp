#include <leat/connectors/postgres/row_layout.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/json/encoded_json.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace leat {

namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view with) {
  std::string all;
  for (const auto& part : parts)
    all.append(all.empty() ? "" : with).append(part);
  return all;
}

template <class Of, class Make>
std::vector<std::string> each(const std::vector<Of>& of, const Make& make) {
  std::vector<std::string> all;
  std::ranges::transform(of, std::back_inserter(all), make);
  return all;
}

/// `unnest($1::text[], $2::int8[]) AS given(c1, c2)`: with names of our own, as a column may be called anything.
std::string unnest(const std::vector<row_column>& columns) {
  std::string arrays, names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    arrays += fmt::format("{}${}::{}[]", i == 0 ? "" : ", ", i + 1, to_string(columns[i].type()));
    names += fmt::format("{}c{}", i == 0 ? "" : ", ", i + 1);
  }
  return fmt::format("unnest({}) AS given({})", arrays, names);
}

std::string value_of(const row_column& column, std::size_t place) {
  return fmt::format("(given.c{}){}", place + 1, column.cast);
}

} // namespace

std::size_t row_layout::place_of(const std::string& column) const {
  const auto found = std::ranges::find(columns, column, &row_column::name);
  if (found == columns.end())
    throw state_error{fmt::format("rows of {} have no column {}", table, column)};
  return static_cast<std::size_t>(found - columns.begin());
}

std::string sql_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name)
    quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string sql_names(const std::vector<std::string>& names) { return joined(each(names, sql_name), ", "); }

std::string insert_statement(const row_layout& of) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < of.columns.size(); ++i)
    values.push_back(value_of(of.columns[i], i));
  auto sql = fmt::format(
    "INSERT INTO {} AS target ({}) SELECT {} FROM {}", of.table,
    joined(each(of.columns, [](const row_column& c) { return sql_name(c.name); }), ", "), joined(values, ", "),
    unnest(of.columns));
  if (of.action != static_cast<std::uint8_t>(row_action::upsert))
    return sql;
  sql += fmt::format(" ON CONFLICT ({}) DO ", sql_names(of.key));
  if (of.update.empty())
    return sql + "NOTHING";
  sql += "UPDATE SET " +
         joined(each(of.update, [](const std::string& c) { return fmt::format("{0} = excluded.{0}", sql_name(c)); }), ", ");
  if (!of.version.empty())
    sql += fmt::format(" WHERE target.{0} IS NULL OR target.{0} <= excluded.{0}", sql_name(of.version));
  return sql;
}

std::string delete_statement(const row_layout& of) {
  std::vector<row_column> columns;
  for (const auto& name : of.key)
    columns.push_back(of.columns[of.place_of(name)]);
  std::vector<std::string> conditions;
  for (std::size_t i = 0; i < columns.size(); ++i)
    conditions.push_back(fmt::format("target.{} = {}", sql_name(columns[i].name), value_of(columns[i], i)));
  if (!of.version.empty()) {
    const auto& version = columns.emplace_back(of.columns[of.place_of(of.version)]);
    conditions.push_back(fmt::format(
      "(target.{0} IS NULL OR target.{0} <= {1})", sql_name(of.version), value_of(version, columns.size() - 1)));
  }
  return fmt::format("DELETE FROM {} AS target USING {} WHERE {}", of.table, unnest(columns), joined(conditions, " AND "));
}

std::string row_as_json(const row_layout& layout, std::string_view row) {
  json_writer json;
  json.raw('{');
  pg_value_reader values{row.substr(1)};
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    if (i > 0)
      json.raw(',');
    write_json_text(json, layout.columns[i].name);
    json.raw(':');
    write_as_json(layout.columns[i].type(), values.next(), json);
  }
  json.raw('}');
  return std::string{json.text()};
}

} // namespace leat
