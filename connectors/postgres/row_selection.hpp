#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/postgres/pg_table.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// How a value comes that JSON would not bring back as it was.
enum class apart_form : std::uint8_t {
  real,     ///< a float: NaN and the infinities are no numbers of JSON
  narrowed, ///< a `double precision` for a member that is a float
  time,     ///< milliseconds since 1970: JSON has years of four digits
  bytes,    ///< of a `bytea`, as hexadecimal digits
};

/// A field whose value comes beside the JSON.
struct apart_field {
  const leat::field* field = nullptr;
  apart_form form = apart_form::real;
};

/// Which values of rows are asked for, and in which form: a JSON object of them all, and behind it those that JSON cannot hold.
/// `row_decoder` makes records of them.
class row_selection {
public:
  /// @param of outlives it. @param columns of the table or query; fields without one are not asked for.
  row_selection(const schema& of, std::span<const pg_column> columns);

  /// What `SELECT` takes to make the object's members, of rows called `q`: `q."id", q."note"::text AS "note"`.
  [[nodiscard]] const std::string& members() const noexcept { return members_; }

  /// What `SELECT` takes besides, each with a comma in front: `, q."weight"`.
  [[nodiscard]] const std::string& values_apart() const noexcept { return values_; }

  [[nodiscard]] const std::vector<apart_field>& apart() const noexcept { return apart_; }

private:
  std::vector<apart_field> apart_;
  std::string members_;
  std::string values_;
};

/// What a session is told before it is asked for rows: times in UTC, all digits of floats, whatever the server's settings are.
/// @param set "SET", or "SET LOCAL" for the transaction only.
[[nodiscard]] std::string plain_rows(std::string_view set);

/// @throws connector_error when a member has no column, or one whose values it could not hold; the text says what to change.
void check_readable(const schema& of, const pg_table& table);

} // namespace leat
