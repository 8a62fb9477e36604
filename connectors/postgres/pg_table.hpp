#pragma once

#include <optional>
#include <string>
#include <vector>

namespace leat {

/// A column as the server's catalog has it.
struct pg_column {
  std::string name;
  std::string type;     ///< without its modifiers, of a domain what is below it: "numeric", "timestamp with time zone"
  std::string sql_type; ///< for a cast, quoted where need be
  std::optional<int> numeric_scale{}; ///< digits behind the point that a `numeric(p, s)` keeps; none: any, or no such type
  bool is_enum = false;
  bool not_null = false;
  bool has_default = false; ///< or takes the next number of an identity
  bool generated = false;   ///< computed from others: nobody writes it
};

/// A table as the server's catalog has it.
struct pg_table {
  std::string schema; ///< quoted
  std::string name;   ///< as SQL names it, quoted, with its schema
  std::vector<pg_column> columns;
  std::vector<std::vector<std::string>> unique; ///< columns of each unique index that `ON CONFLICT` can go by, in its order

  bool has_heirs = false; ///< other tables inherit from it; its unique indexes do not know of their rows

  [[nodiscard]] const pg_column* find(const std::string& column) const noexcept;
};

} // namespace leat
