#include <leat/connectors/formats/csv_encoder.hpp>

#include <leat/base/time.hpp>
#include <leat/base/utf8.hpp>
#include <leat/connectors/formats/csv_fields.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace leat {

namespace {

template <class Number>
void append_number(Number value, std::string& out) {
  char digits[64];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

template <class Real>
const char* append_real(const void* value, std::string& out) {
  const auto number = *static_cast<const Real*>(value);
  if (!std::isfinite(number))
    return "CSV has no number for infinities and NaN";
  append_number(number, out);
  return nullptr;
}

} // namespace

void csv_encoder::encode(
  const void* records, std::size_t stride, std::size_t count, encoded_records& out, std::vector<rejection>& rejected) {
  const auto* record = static_cast<const char*>(records);
  for (std::size_t i = 0; i < count; ++i, record += stride) {
    const auto begin = out.bytes.size();
    if (const auto* const wrong = write_record(record, out.bytes)) {
      out.bytes.resize(begin);
      rejected.push_back({i, fmt::format("field `{}`: {}", refused_->name, wrong)});
    }
    out.ends.push_back(out.bytes.size());
  }
}

const char* csv_encoder::write_record(const void* record, std::string& out) {
  const auto begin = out.size();
  const auto& fields = schema_.fields();
  for (const auto& f : fields) {
    if (&f != &fields.front())
      out.push_back(delimiter_);
    refused_ = &f;
    if (const auto* const wrong = write_value(*f.type, f.in(record), false, out))
      return wrong;
  }
  if (out.size() != begin)
    return nullptr;
  // The only column is empty: the line would be too, and nobody could tell it from none.
  if (fields.front().type->kind == field_kind::optional && fields.front().type->element->kind == field_kind::string)
    return "an optional string without value, as the only column, is an empty line, which holds no record";
  out += "\"\"";
  return nullptr;
}

const char* csv_encoder::write_value(const field_type& type, const void* value, bool present, std::string& out) {
  switch (type.kind) {
  case field_kind::optional: {
    const void* const there = type.optional->get(type, value);
    return there ? write_value(*type.element, there, true, out) : nullptr;
  }
  case field_kind::string: {
    const auto& text = *static_cast<const std::string*>(value);
    if (find_invalid_utf8(text) != std::string_view::npos)
      return "the text is not UTF-8";
    csv_fields::append(text, delimiter_, present && text.empty(), out);
    return nullptr;
  }
  case field_kind::boolean:
    out += *static_cast<const bool*>(value) ? "true" : "false";
    return nullptr;
  case field_kind::float32:
    return append_real<float>(value, out);
  case field_kind::float64:
    return append_real<double>(value, out);
  case field_kind::decimal:
    out += decimal_text{*static_cast<const decimal*>(value)}.view();
    return nullptr;
  case field_kind::timestamp_millis:
    append_number(to_millis(*static_cast<const timestamp*>(value)), out);
    return nullptr;
  case field_kind::enumeration: {
    const auto* const known = type.enumeration->find(load_integer(type.element->kind, value));
    if (known == nullptr)
      return "the value of the enum has no name";
    csv_fields::append(known->name, delimiter_, false, out);
    return nullptr;
  }
  case field_kind::uint64:
    append_number(static_cast<std::uint64_t>(load_integer(type.kind, value)), out);
    return nullptr;
  default:
    append_number(load_integer(type.kind, value), out);
    return nullptr;
  }
}

} // namespace leat
