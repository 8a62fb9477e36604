#pragma once

#include <leat/connectors/postgres/pg_value.hpp>
#include <leat/connectors/postgres/row_options.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace leat {

/// A column that is written.
struct row_column {
  std::string name;          ///< not quoted
  std::uint32_t element = 0; ///< a `pg_element`: what its values are sent as
  std::string cast;          ///< behind the value in SQL: `::"jsonb"`; empty: the server converts it by itself, or refuses

  [[nodiscard]] pg_element type() const noexcept { return static_cast<pg_element>(element); }

  friend bool operator==(const row_column&, const row_column&) = default;
};
BOOST_DESCRIBE_STRUCT(row_column, (), (name, element, cast))

/// What rows hold and what is done with them: all that is needed to write them, also those that an earlier run of the program has
/// left in a checkpoint.
///
/// A row is a byte, `row_kept` or `row_removed`, and a value of each column, as `pg_value_writer` writes them.
struct row_layout {
  std::string table;       ///< as SQL names it, quoted, with its schema
  std::uint8_t action = 0; ///< a `row_action`
  std::vector<row_column> columns;
  std::vector<std::string> key;    ///< columns that identify a row: for `upsert`, and to remove
  std::vector<std::string> update; ///< columns that `upsert` overwrites; may be none
  std::string version;             ///< a column: rows of an older version change nothing; empty: the later row wins

  /// The place of a column. @throws state_error when there is none of this name.
  [[nodiscard]] std::size_t place_of(const std::string& column) const;

  friend bool operator==(const row_layout&, const row_layout&) = default;
};
BOOST_DESCRIBE_STRUCT(row_layout, (), (table, action, columns, key, update, version))

inline constexpr char row_kept = 'k';
inline constexpr char row_removed = 'r';

/// Quoted as SQL wants names: `"order"`.
[[nodiscard]] std::string sql_name(const std::string& name);

/// The same of several, with commas between.
[[nodiscard]] std::string sql_names(const std::vector<std::string>& names);

/// `INSERT … SELECT … FROM unnest($1, …)`: one parameter for each column, an array of as many elements as there are rows.
[[nodiscard]] std::string insert_statement(const row_layout& of);

/// `DELETE … USING unnest($1, …)`: one parameter for each column of the key, and one for the version if there is one.
[[nodiscard]] std::string delete_statement(const row_layout& of);

/// A row as a JSON object, for people.
[[nodiscard]] std::string row_as_json(const row_layout& layout, std::string_view row);

} // namespace leat
