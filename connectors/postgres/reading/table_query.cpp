#include <leat/connectors/postgres/reading/table_query.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/postgres/row_layout.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace leat {

namespace {

void check_key(const pg_table& table, const std::vector<std::string>& key) {
  if (std::ranges::find(table.unique, key) == table.unique.end())
    throw connector_error{fmt::format(
      "table {0} has no unique index of ({1}), by which it is read page by page: CREATE UNIQUE INDEX ON {0} ({2}), or name "
      "the columns of one that there is, in its order; of a view, read the table behind it",
      table.name, fmt::join(key, ", "), sql_names(key))};
  for (const auto& name : key)
    if (const auto* const column = table.find(name); column && !column->not_null)
      throw connector_error{fmt::format(
        "column {0} of table {1} may be NULL, and no page would have such rows: ALTER TABLE {1} ALTER COLUMN {2} SET NOT "
        "NULL, or read it by another key",
        name, table.name, sql_name(name))};
  if (table.has_heirs)
    throw connector_error{fmt::format(
      "tables inherit from {0}, and their rows are no part of its unique index, so pages by it would leave rows out: read "
      "each of them by itself, or make {0} a partitioned table",
      table.name)};
}

} // namespace

table_query::table_query(const pg_table& table, const table_options& options, const row_selection& selected) {
  check_key(table, options.key);
  std::vector<std::string> key, last;
  for (const auto& name : options.key) {
    key.push_back("q." + sql_name(name));
    last.push_back(fmt::format("${}", last.size() + 1));
  }
  order_ = fmt::format("{}", fmt::join(key, ", "));
  behind_ = fmt::format(" WHERE ({}) > ({})", order_, fmt::join(last, ", "));
  // A comment at the end of the condition ends with its line.
  const auto rows =
    options.condition.empty() ? table.name : fmt::format("(SELECT * FROM {} WHERE ({}\n))", table.name, options.condition);
  begin_ = fmt::format(
    "SELECT {}, row_to_json(v.*){} FROM {} AS q CROSS JOIN LATERAL (SELECT {}) AS v", order_, selected.values_apart(), rows,
    selected.members());
}

std::string table_query::page(bool goes_on, std::size_t rows) const {
  return fmt::format("{}{} ORDER BY {} LIMIT {}", begin_, goes_on ? behind_ : "", order_, rows);
}

} // namespace leat
