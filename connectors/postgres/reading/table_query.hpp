#pragma once

#include <leat/connectors/postgres/pg_table.hpp>
#include <leat/connectors/postgres/row_selection.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace leat {

/// What a user wants to read.
struct table_options {
  std::string table;            ///< as the user names it: "orders", "shop.orders"
  std::vector<std::string> key; ///< columns that tell rows apart, and in whose order they are read
  std::string condition{};      ///< SQL; empty: all rows
};

/// Asks for the next rows of a table in the order of its key: pages.
///
/// `WHERE (a, b) > ($1, $2) ORDER BY a, b LIMIT n` is one walk along the key's index from where the page before ended, however far
/// that is. Both compare as the columns do, by their own collations: as their index is sorted, and in one way as long as there is one server.
class table_query {
public:
  /// @throws connector_error when the table has no such key, or one that rows are not found by; the text says what to do.
  table_query(const pg_table& table, const table_options& options, const row_selection& selected);

  /// Rows of: the key's columns, the JSON object, the values apart. @param goes_on behind a row whose key is the parameters.
  [[nodiscard]] std::string page(bool goes_on, std::size_t rows) const;

private:
  std::string begin_;
  std::string behind_; // the last row
  std::string order_;
};

} // namespace leat
