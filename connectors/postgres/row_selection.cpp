#include <leat/connectors/postgres/row_selection.hpp>

#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/connectors/postgres/column_form.hpp>
#include <leat/connectors/postgres/row_layout.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

const field_type& value_of(const field& f) { return f.type->kind == field_kind::optional ? *f.type->element : *f.type; }

bool is_real(const pg_column& c) { return c.type == "real" || c.type == "double precision"; }

std::optional<apart_form> apart_form_of(field_kind kind, const pg_column& column) {
  if (kind == field_kind::float32 && column.type == "double precision")
    return apart_form::narrowed;
  if ((kind == field_kind::float32 || kind == field_kind::float64) && is_real(column))
    return apart_form::real;
  if (kind == field_kind::timestamp_millis && (column.type.starts_with("timestamp") || column.type == "date"))
    return apart_form::time;
  if (kind == field_kind::string && column.type == "bytea")
    return apart_form::bytes;
  return std::nullopt;
}

/// Whether its values are no strings of JSON. What is a string there is the server's text, which a cast may change: an `inet` gets a mask.
bool is_more_than_text(const pg_column& c) {
  constexpr std::string_view types[] = {"smallint",         "integer", "bigint", "numeric", "real",
                                        "double precision", "boolean", "json",   "jsonb"};
  return std::ranges::find(types, c.type) != std::end(types) || c.type.ends_with("[]");
}

/// A member of the JSON object. An integer in a `numeric(20, 2)` has zeros behind its point, which none has in JSON.
std::string member_of(const field& f, const pg_column& column) {
  const auto name = sql_name(f.name);
  const auto kind = value_of(f).kind;
  if (kind == field_kind::string && is_more_than_text(column))
    return fmt::format("q.{0}::text AS {0}", name);
  if (is_integer(kind) && column.type == "numeric" && column.numeric_scale.value_or(1) != 0)
    return fmt::format("trim_scale(q.{0}) AS {0}", name);
  return "q." + name;
}

bool can_hold(field_kind kind, const pg_column& column) {
  const bool whole = column.type == "smallint" || column.type == "integer" || column.type == "bigint";
  switch (kind) {
  case field_kind::boolean:
    return column.type == "boolean";
  case field_kind::float32:
    return is_real(column);
  case field_kind::float64:
    return is_real(column) || column.type == "smallint" || column.type == "integer";
  case field_kind::string:
    return true;
  case field_kind::decimal:
    return whole || column.type == "numeric";
  case field_kind::timestamp_millis:
    return column.type == "bigint" || apart_form_of(kind, column);
  case field_kind::enumeration:
    return column.is_enum || is_text(column);
  case field_kind::list:
  case field_kind::record:
    return column.type == "json" || column.type == "jsonb" || (kind == field_kind::list && column.type.ends_with("[]"));
  case field_kind::optional:
    return false; // two, one in the other: nothing tells them apart
  default:
    return whole || column.type == "numeric";
  }
}

} // namespace

row_selection::row_selection(const schema& of, std::span<const pg_column> columns) {
  for (const auto& f : of.fields()) {
    const auto column = std::ranges::find(columns, f.name, &pg_column::name);
    if (column == columns.end())
      continue;
    members_ += (members_.empty() ? "" : ", ") + member_of(f, *column);
    const auto form = apart_form_of(value_of(f).kind, *column);
    if (!form)
      continue;
    apart_.push_back({&f, *form});
    values_ += form == apart_form::time ? fmt::format(", floor(extract(epoch FROM q.{}) * 1000)", sql_name(f.name))
                                        : ", q." + sql_name(f.name);
  }
}

std::string plain_rows(std::string_view set) {
  std::string all;
  for (const auto* const to :
       {"TimeZone = 'UTC'", "DateStyle = 'ISO, YMD'", "extra_float_digits = 3", "bytea_output = 'hex'"})
    all += fmt::format("{} {};", set, to);
  return all;
}

void check_readable(const schema& of, const pg_table& table) {
  for (const auto& f : of.fields()) {
    const auto* const column = table.find(f.name);
    if (!column) {
      std::vector<std::string> names;
      for (const auto& c : table.columns)
        names.push_back(c.name);
      const auto nearest = nearest_name(f.name, names);
      throw connector_error{fmt::format(
        "table {} has no column for member `{}` of record `{}`{}: call it as the column is called, or leave it out",
        table.name, f.name, of.name(), nearest.empty() ? "" : fmt::format(" (did you mean `{}`?)", nearest))};
    }
    if (const auto kind = value_of(f).kind; !can_hold(kind, *column))
      throw connector_error{fmt::format(
        "member `{}` of record `{}` is of kind {}, which cannot hold all that column {} of type {} of table {} may have: "
        "make it "
        "{}",
        f.name, of.name(), to_string(kind), column->name, column->type, table.name, member_type_for(*column))};
  }
}

} // namespace leat
