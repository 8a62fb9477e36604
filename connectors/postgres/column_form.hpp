#pragma once

#include <leat/base/field_type.hpp>
#include <leat/connectors/postgres/pg_table.hpp>
#include <leat/connectors/postgres/pg_value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// How a value is put into a row.
enum class column_form : std::uint8_t {
  boolean,
  int2,
  int4,
  int8,
  whole,
  float4,
  float8,
  text,
  bytes,
  name,
  time,
  millis,
  numeric,
  json
};

/// How the values of a field go to a column.
struct typed_form {
  column_form how;
  pg_element element; ///< what they are sent as
  std::string cast{}; ///< behind the value in SQL
};

/// None: a column of this type cannot take such values, or would change them.
[[nodiscard]] std::optional<typed_form> typed_form_of(field_kind kind, const pg_column& column);

/// The type of column that is best for such values.
[[nodiscard]] std::string_view sql_type_of(field_kind kind);

/// Whether its values are text as they are.
[[nodiscard]] bool is_text(const pg_column& column) noexcept;

/// The type of member that holds whatever such a column may have, for people.
[[nodiscard]] std::string_view member_type_for(const pg_column& column) noexcept;

} // namespace leat
