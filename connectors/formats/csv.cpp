#include <leat/connectors/formats/csv.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/csv_decoder.hpp>
#include <leat/connectors/formats/csv_encoder.hpp>
#include <leat/connectors/formats/csv_fields.hpp>
#include <leat/connectors/formats/json_text.hpp>

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

/// The field of each column; null for one that is left out.
std::vector<const field*> columns_of(std::string_view header, const schema& of, const csv_options& options) {
  std::vector<csv_fields::raw_field> raw;
  if (const auto* const wrong = csv_fields::split(header, options.delimiter, raw))
    throw connector_error{fmt::format("the header is no CSV: {}", wrong)};
  std::vector<const field*> columns;
  std::string name;
  for (const auto& r : raw) {
    csv_fields::unescape(r, name);
    const auto* const found = of.find(name);
    if (found == nullptr && !options.ignore_unknown_columns)
      throw connector_error{fmt::format(
        "the header has a column `{}`, which is no field of record `{}` ({}); csv_format{{{{.ignore_unknown_columns = "
        "true}}}} "
        "leaves such columns out",
        json_text::excerpt(name), of.name(), names_of(of))};
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
