#include <leat/connectors/postgres/row_encoder.hpp>

#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/base/utf8.hpp>
#include <leat/connectors/formats/json/json_encoder.hpp>
#include <leat/connectors/postgres/column_form.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

namespace leat {

namespace {

using form = column_form;

// PostgreSQL's times end in the year 294276 and begin in 4714 before Christ.
constexpr timestamp first_time = from_millis(-210'866'803'200'000);
constexpr timestamp last_time = from_millis(9'224'318'015'999'999);

const field_type& inside(const field_type& type) { return type.kind == field_kind::optional ? *type.element : type; }

bool is_written(const field& f, const row_options& options) {
  return options.columns.empty() || std::ranges::find(options.columns, f.name) != options.columns.end();
}

std::string definition_of(const field& f) {
  return fmt::format(
    "{} {}{}", sql_name(f.name), sql_type_of(inside(*f.type).kind),
    f.type->kind == field_kind::optional ? "" : " NOT NULL");
}

const field& named_field(const schema& of, const std::string& name) {
  if (const auto* const found = of.find(name))
    return *found;
  std::vector<std::string> names;
  for (const auto& f : of.fields())
    names.push_back(f.name);
  const auto nearest = nearest_name(name, names);
  throw connector_error{fmt::format(
    "record `{}` has no field `{}`{}", of.name(), name,
    nearest.empty() ? "" : fmt::format("; did you mean `{}`?", nearest))};
}

/// What is asked of the record itself, whatever the table is.
void check_names(const schema& of, const row_options& options) {
  for (const auto* const names : {&options.columns, &options.key, &options.update})
    for (const auto& name : *names)
      if (!is_written(named_field(of, name), options))
        throw connector_error{fmt::format("field `{}` is not among those that are written", name)};
  if (options.action == row_action::upsert && options.key.empty())
    throw connector_error{"an upsert wants the fields that identify a row"};
  if (options.removes && options.key.empty())
    throw connector_error{"to remove rows it takes the fields that identify one: .upsert(…)"};
  for (const auto& name : options.key)
    if (named_field(of, name).type->kind == field_kind::optional)
      throw connector_error{
        fmt::format("field `{}` may be without value, so it identifies no row: NULL is equal to nothing", name)};
  if (options.version.empty())
    return;
  const auto kind = named_field(of, options.version).type->kind;
  if (kind != field_kind::timestamp_millis && (!is_integer(kind) || kind == field_kind::uint64))
    throw connector_error{
      fmt::format("field `{}` is no version: only timestamps and integers up to 63 bits are", options.version)};
}

void check_unique(const pg_table& table, const row_options& options) {
  const auto is_of_key = [&](const auto& columns) { return std::ranges::is_permutation(columns, options.key); };
  if (options.action != row_action::upsert || std::ranges::any_of(table.unique, is_of_key))
    return;
  throw connector_error{fmt::format(
    "table {0} has no unique index of ({1}), which an upsert needs: CREATE UNIQUE INDEX ON {0} ({2})", table.name,
    fmt::join(options.key, ", "), sql_names(options.key))};
}

void check_others(const schema& of, const pg_table& table, const row_options& options) {
  for (const auto& column : table.columns)
    if (const auto* const f = of.find(column.name);
        column.not_null && !column.has_default && !column.generated && !(f && is_written(*f, options)))
      throw connector_error{fmt::format(
        "column {} of table {} must have a value, and record `{}` has no such field: give the column a default",
        column.name, table.name, of.name())};
}

} // namespace

struct row_encoder::column_plan {
  const leat::field* field = nullptr;
  const field_type* type = nullptr; // of the value, within an optional
  column_form how = column_form::text;
  bool may_be_null = false;
  std::optional<int> numeric_scale;
  std::unique_ptr<json_encoder> json;
};

row_encoder::row_encoder(const schema& of, const pg_table& table, const row_options& options) : removes_{options.removes} {
  check_names(of, options);
  layout_.table = table.name;
  layout_.action = static_cast<std::uint8_t>(options.action);
  layout_.key = options.key;
  layout_.version = options.version;
  for (const auto& f : of.fields()) {
    if (!is_written(f, options))
      continue;
    const auto* const column = table.find(f.name);
    if (!column)
      throw connector_error{fmt::format(
        "table {0} has no column for field `{1}`: ALTER TABLE {0} ADD COLUMN {2}, or name the fields that are written with "
        ".columns(…)",
        table.name, f.name, definition_of(f))};
    const auto& type = inside(*f.type);
    const auto made = typed_form_of(type.kind, *column);
    if (!made || column->generated)
      throw connector_error{fmt::format(
        "field `{}` is of kind {}, which column {} of type {} of table {} cannot take{}", f.name, to_string(type.kind),
        column->name, column->type, table.name,
        column->generated ? ": it is computed by the server"
                          : fmt::format(" exactly: make it {}", sql_type_of(type.kind)))};
    layout_.columns.push_back({f.name, static_cast<std::uint32_t>(made->element), made->cast});
    auto& plan = plans_.emplace_back();
    plan.field = &f;
    plan.type = &type;
    plan.how = made->how;
    plan.may_be_null = f.type->kind == field_kind::optional;
    plan.numeric_scale = column->numeric_scale;
    if (made->how == form::json)
      plan.json = std::make_unique<json_encoder>(type);
    const bool is_key = std::ranges::find(options.key, f.name) != options.key.end();
    const bool is_chosen =
      options.update.empty() ? !is_key : std::ranges::find(options.update, f.name) != options.update.end();
    if (options.action == row_action::upsert && (is_chosen || f.name == options.version))
      layout_.update.push_back(f.name);
  }
  check_unique(table, options);
  check_others(of, table, options);
}

row_encoder::~row_encoder() = default;

void row_encoder::encode(const batch_base& in, std::size_t from, encoded_records& out, std::vector<rejection>& rejected) {
  removals_.clear();
  if (removes_)
    removes_->removals(in, from, removals_);
  const auto* record = static_cast<const char*>(in.data()) + from * in.stride();
  for (std::size_t i = 0; i < in.size() - from; ++i, record += in.stride()) {
    const auto begin = out.bytes.size();
    out.bytes += removes_ && removals_[i] ? row_removed : row_kept;
    if (!row(record, out.bytes)) {
      out.bytes.resize(begin);
      rejected.push_back({i, reason()});
    }
    out.ends.push_back(out.bytes.size());
  }
}

bool row_encoder::row(const void* record, std::string& to) {
  for (const auto& plan : plans_) {
    const void* from = plan.field->in(record);
    if (plan.may_be_null)
      from = plan.field->type->optional->get(*plan.field->type, from);
    if (from == nullptr)
      pg_value_writer{to}.null();
    else if (!value(plan, from, to))
      return within(plan.field->name);
  }
  return true;
}

bool row_encoder::value(const column_plan& plan, const void* from, std::string& to) {
  pg_value_writer out{to};
  const auto kind = plan.type->kind;
  switch (plan.how) {
  case form::boolean:
    out.boolean(*static_cast<const bool*>(from));
    return true;
  case form::int2:
    out.number(static_cast<std::int16_t>(load_integer(kind, from)));
    return true;
  case form::int4:
    out.number(static_cast<std::int32_t>(load_integer(kind, from)));
    return true;
  case form::int8:
    out.number(load_integer(kind, from));
    return true;
  case form::whole:
    out.numeric(decimal::of(static_cast<decimal::int128>(*static_cast<const std::uint64_t*>(from)), 0));
    return true;
  case form::float4:
    out.number(*static_cast<const float*>(from));
    return true;
  case form::float8:
    out.number(*static_cast<const double*>(from));
    return true;
  case form::text:
    return text(*static_cast<const std::string*>(from), to);
  case form::bytes:
    out.text(*static_cast<const std::string*>(from));
    return true;
  case form::name: {
    const auto number = load_integer(plan.type->element->kind, from);
    const auto* const name = plan.type->enumeration->find(number);
    return name ? text(name->name, to) : refuse(fmt::format("{} is no name of the enumeration", number));
  }
  case form::time: {
    const auto t = *static_cast<const timestamp*>(from);
    if (t < first_time || t > last_time)
      return refuse(fmt::format("{} ms since 1970 is a time that PostgreSQL does not have", to_millis(t)));
    out.time(t);
    return true;
  }
  case form::millis:
    out.number(to_millis(*static_cast<const timestamp*>(from)));
    return true;
  case form::numeric: {
    const auto& d = *static_cast<const decimal*>(from);
    if (const auto kept = plan.numeric_scale; kept && d.scale() > *kept && d.round(*kept, rounding::down) != d)
      return refuse(
        fmt::format("{} has more than the {} digits behind the point that its column keeps", to_string(d), *kept));
    out.numeric(d);
    return true;
  }
  case form::json:
    return json(plan, from, to);
  }
  return false;
}

bool row_encoder::text(std::string_view bytes, std::string& to) {
  if (bytes.find('\0') != bytes.npos)
    return refuse("PostgreSQL's text has no character U+0000");
  if (const auto wrong = find_invalid_utf8(bytes); wrong != bytes.npos)
    return refuse(fmt::format("no UTF-8 at byte {}", wrong));
  pg_value_writer{to}.text(bytes);
  return true;
}

bool row_encoder::json(const column_plan& plan, const void* from, std::string& to) {
  json_.clear();
  json_rejected_.clear();
  plan.json->encode(from, plan.type->size, 1, json_, json_rejected_);
  if (!json_rejected_.empty())
    return refuse(json_rejected_.front().reason);
  pg_value_writer{to}.text(json_.bytes);
  return true;
}

std::string create_table_statement(const schema& of, const row_options& options) {
  std::string columns;
  for (const auto& f : of.fields())
    if (is_written(f, options))
      columns += fmt::format("{}{}", columns.empty() ? "" : ", ", definition_of(f));
  std::vector<std::string> key;
  for (const auto& name : options.key)
    key.push_back(sql_name(name));
  return fmt::format(
    "CREATE TABLE {} ({}{})", options.table, columns,
    key.empty() ? "" : fmt::format(", PRIMARY KEY ({})", fmt::join(key, ", ")));
}

} // namespace leat
