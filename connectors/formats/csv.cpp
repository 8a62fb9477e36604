#include <leat/connectors/formats/csv.hpp>

#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/connectors/formats/csv_decoder.hpp>
#include <leat/connectors/formats/csv_encoder.hpp>
#include <leat/connectors/formats/csv_fields.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

void check_fields(const schema& of) {
  if (of.fields().empty())
    throw pipeline_error{fmt::format("record `{}` has no fields: CSV cannot hold it", of.name())};
  for (const auto& f : of.fields()) {
    const auto& value = f.type->kind == field_kind::optional ? *f.type->element : *f.type;
    if (value.kind == field_kind::list || value.kind == field_kind::record)
      throw pipeline_error{fmt::format(
        "field `{}` of record `{}` is a {}, which CSV cannot hold: write its parts as fields of their own, or take json",
        f.name, of.name(), value.kind == field_kind::list ? "list" : "struct")};
  }
}

std::vector<const field*> all_fields(const schema& of) {
  std::vector<const field*> all;
  for (const auto& f : of.fields())
    all.push_back(&f);
  return all;
}

std::string names_of(const schema& of) {
  std::string names;
  for (const auto& f : of.fields())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", f.name);
  return names;
}

/// What to write for a file of this kind; `options` of csv_format.
std::string other_format(std::string_view options) { return fmt::format("csv_format{{{{{}}}}}", options); }

/// The field that was meant; empty when none is close.
std::string nearest_field(std::string_view column, const schema& of) {
  std::vector<std::string> names;
  for (const auto& f : of.fields())
    names.push_back(f.name);
  return nearest_name(column, names);
}

/// Looks for mistakes that concern the line as a whole: another delimiter, or records from the first line on.
/// @throws connector_error when none of the columns is a field, saying what it looks like.
void check_header(std::string_view header, char delimiter, const std::vector<std::string>& columns, const schema& of) {
  if (std::ranges::any_of(columns, [&](const auto& name) { return of.find(name) != nullptr; }))
    return;
  std::string shown;
  for (const auto& name : columns)
    shown += fmt::format("{}`{}`", shown.empty() ? "" : ", ", excerpt(name));
  if (const char likely = csv_fields::likely_delimiter(header, delimiter); columns.size() == 1 && likely != 0)
    throw connector_error{fmt::format(
      "the first line has one column, {}: is the delimiter '{}'? Then read it as {}", shown, csv_fields::to_text(likely),
      other_format(fmt::format(".delimiter = '{}'", csv_fields::to_text(likely))))};
  if (std::ranges::all_of(columns, [&](const auto& name) { return nearest_field(name, of).empty(); }))
    throw connector_error{fmt::format(
      "the first line names no field of record `{}` ({}); its columns are {}. If it is a record already, because the file "
      "has no line of column names, read it as {}",
      of.name(), names_of(of), shown, other_format(".header = false"))};
}

[[noreturn]] void refuse_column(const std::string& name, const schema& of) {
  const auto nearest = nearest_field(name, of);
  throw connector_error{fmt::format(
    "the header has a column `{}`, which is no field of record `{}` ({}){}; {} leaves such columns out", excerpt(name),
    of.name(), names_of(of), nearest.empty() ? "" : fmt::format(": did you mean `{}`?", nearest),
    other_format(".ignore_unknown_columns = true"))};
}

/// The field of each column; null for one that is left out.
std::vector<const field*> columns_of(std::string_view header, const schema& of, const csv_options& options) {
  std::vector<csv_fields::raw_field> raw;
  if (const auto* const wrong = csv_fields::split(header, options.delimiter, raw))
    throw connector_error{fmt::format("the header is no CSV: {}", wrong)};
  std::vector<std::string> names(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i)
    csv_fields::unescape(raw[i], names[i]);
  check_header(header, options.delimiter, names, of);
  std::vector<const field*> columns;
  for (const auto& name : names) {
    const auto* const found = of.find(name);
    if (found == nullptr && !options.ignore_unknown_columns)
      refuse_column(name, of);
    if (found != nullptr && std::find(columns.begin(), columns.end(), found) != columns.end())
      throw connector_error{fmt::format("the header names column `{}` twice", name)};
    columns.push_back(found);
  }
  return columns;
}

} // namespace

std::string_view csv_format::name() const noexcept { return "csv"; }

std::unique_ptr<decoder> csv_format::make_decoder(const schema& of) const {
  check_fields(of);
  return std::make_unique<csv_decoder>(of, all_fields(of), options_.delimiter);
}

std::unique_ptr<encoder> csv_format::make_encoder(const schema& of) const {
  check_fields(of);
  return std::make_unique<csv_encoder>(of, options_.delimiter);
}

record_splitter csv_format::make_splitter() const { return record_splitter::quoted_fields(options_.delimiter); }

std::string csv_format::header(const schema& of) const {
  check_fields(of);
  std::string line;
  if (options_.header)
    for (const auto& f : of.fields()) {
      if (!line.empty())
        line.push_back(options_.delimiter);
      csv_fields::append(f.name, options_.delimiter, false, line);
    }
  return line;
}

std::unique_ptr<decoder> csv_format::make_decoder_behind(std::string_view header, const schema& of) const {
  check_fields(of);
  auto columns = columns_of(header, of, options_);
  for (const auto& f : of.fields())
    if (f.type->kind != field_kind::optional && std::find(columns.begin(), columns.end(), &f) == columns.end())
      throw connector_error{
        fmt::format("the header has no column `{}`, which every record `{}` needs ({})", f.name, of.name(), names_of(of))};
  return std::make_unique<csv_decoder>(of, std::move(columns), options_.delimiter);
}

} // namespace leat
