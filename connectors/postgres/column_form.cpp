#include <leat/connectors/postgres/column_form.hpp>

#include <algorithm>
#include <initializer_list>

namespace leat {

namespace {

using form = column_form;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_whole_number(std::string_view type) { return is_one_of(type, {"smallint", "integer", "bigint"}); }

std::optional<typed_form> integer_form(field_kind kind, const pg_column& column) {
  if (!is_whole_number(column.type) && (column.type != "numeric" || column.numeric_scale.value_or(0) < 0))
    return std::nullopt;
  switch (kind) {
  case field_kind::int8:
  case field_kind::uint8:
  case field_kind::int16:
    return typed_form{form::int2, pg_element::int2};
  case field_kind::uint16:
  case field_kind::int32:
    return typed_form{form::int4, pg_element::int4};
  case field_kind::uint32:
  case field_kind::int64:
    return typed_form{form::int8, pg_element::int8};
  default:
    return typed_form{form::whole, pg_element::numeric};
  }
}

std::optional<typed_form> time_form(const pg_column& column) {
  if (column.type == "bigint")
    return typed_form{form::millis, pg_element::int8};
  if (column.type == "timestamp with time zone")
    return typed_form{form::time, pg_element::timestamptz};
  if (column.type == "timestamp without time zone")
    return typed_form{form::time, pg_element::timestamptz, " AT TIME ZONE 'UTC'"};
  if (column.type == "date")
    return typed_form{form::time, pg_element::timestamptz, " AT TIME ZONE 'UTC'"}; // as an assignment, the time is cut off
  return std::nullopt;
}

std::optional<typed_form> text_form(form how, const pg_column& column) {
  if (is_text(column))
    return typed_form{how, pg_element::text};
  if (column.type == "bytea" && how == form::text)
    return typed_form{form::bytes, pg_element::bytes};
  if (how == form::text || column.is_enum)
    return typed_form{how, pg_element::text, "::" + column.sql_type};
  return std::nullopt;
}

} // namespace

std::optional<typed_form> typed_form_of(field_kind kind, const pg_column& column) {
  switch (kind) {
  case field_kind::boolean:
    return column.type == "boolean" ? std::optional{typed_form{form::boolean, pg_element::boolean}} : std::nullopt;
  case field_kind::float32:
    if (column.type == "real" || column.type == "double precision")
      return typed_form{form::float4, pg_element::float4};
    return std::nullopt;
  case field_kind::float64:
    return column.type == "double precision" ? std::optional{typed_form{form::float8, pg_element::float8}} : std::nullopt;
  case field_kind::string:
    return text_form(form::text, column);
  case field_kind::enumeration:
    return text_form(form::name, column);
  case field_kind::decimal: // a numeric(5, -2) would round
    return column.type == "numeric" && column.numeric_scale.value_or(0) >= 0
             ? std::optional{typed_form{form::numeric, pg_element::numeric}}
             : std::nullopt;
  case field_kind::timestamp_millis:
    return time_form(column);
  case field_kind::list:
  case field_kind::record:
    if (column.type == "json" || column.type == "jsonb")
      return typed_form{form::json, pg_element::text, "::" + column.sql_type};
    return std::nullopt;
  case field_kind::optional:
    return std::nullopt; // two, one in the other: nothing tells them apart
  default:
    return integer_form(kind, column);
  }
}

std::string_view sql_type_of(field_kind kind) {
  switch (kind) {
  case field_kind::boolean:
    return "boolean";
  case field_kind::int8:
  case field_kind::uint8:
  case field_kind::int16:
    return "smallint";
  case field_kind::uint16:
  case field_kind::int32:
    return "integer";
  case field_kind::uint32:
  case field_kind::int64:
    return "bigint";
  case field_kind::uint64:
  case field_kind::decimal:
    return "numeric";
  case field_kind::float32:
    return "real";
  case field_kind::float64:
    return "double precision";
  case field_kind::timestamp_millis:
    return "timestamptz";
  case field_kind::list:
  case field_kind::record:
    return "jsonb";
  default:
    return "text";
  }
}

bool is_text(const pg_column& column) noexcept {
  return is_one_of(column.type, {"text", "character varying", "character", "name", "citext"});
}

std::string_view member_type_for(const pg_column& column) noexcept {
  if (is_whole_number(column.type))
    return "a std::int64_t";
  if (column.type == "numeric")
    return "a leat::decimal";
  if (is_one_of(column.type, {"real", "double precision"}))
    return "a double";
  if (column.type == "boolean")
    return "a bool";
  if (is_one_of(column.type, {"timestamp with time zone", "timestamp without time zone", "date"}))
    return "a leat::timestamp";
  if (is_one_of(column.type, {"json", "jsonb"}))
    return "a described struct or a std::vector";
  return "a std::string";
}

} // namespace leat
