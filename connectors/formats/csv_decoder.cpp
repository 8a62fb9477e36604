#include <leat/connectors/formats/csv_decoder.hpp>

#include <leat/base/excerpt.hpp>
#include <leat/base/utf8.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace leat {

namespace {

/// Whether all of `text` is a number that `Number` can hold.
template <class Number>
bool read_whole(std::string_view text, Number& to, bool& out_of_range) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  out_of_range = error == std::errc::result_out_of_range;
  return error == std::errc{} && end == text.data() + text.size();
}

template <class Real>
bool read_real(std::string_view text, void* to, bool& out_of_range) {
  Real value{};
  if (!read_whole(text, value, out_of_range) || !std::isfinite(value))
    return false; // "inf" and "nan" are texts here, as in JSON
  std::memcpy(to, &value, sizeof value);
  return true;
}

int bits_of(field_kind kind) { return 8 << (static_cast<int>(kind) - static_cast<int>(field_kind::int8)) % 4; }

} // namespace

csv_decoder::csv_decoder(const schema& of, std::vector<const field*> columns, char delimiter)
  : columns_{std::move(columns)}, delimiter_{delimiter} {
  for (const auto& f : of.fields())
    if (std::find(columns_.begin(), columns_.end(), &f) == columns_.end())
      absent_.push_back(&f);
}

std::size_t
csv_decoder::decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) {
  auto* slot = static_cast<char*>(slots);
  std::size_t filled = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (read_record(in[i], slot + filled * stride))
      ++filled;
    else
      rejected.push_back({i, std::move(reason_)});
  }
  return filled;
}

bool csv_decoder::read_record(const raw_record& from, void* record) {
  reason_.clear();
  if (!from.payload)
    reason_ = "the value is null (a tombstone), not a line of CSV";
  else if (const auto bad = find_invalid_utf8(*from.payload); bad != std::string_view::npos)
    reason_ = fmt::format("invalid UTF-8 at byte {}", bad);
  else if (const auto* const wrong = csv_fields::split(*from.payload, delimiter_, fields_))
    reason_ = wrong;
  else if (fields_.size() != columns_.size())
    reason_ = wrong_count(*from.payload);
  if (!reason_.empty())
    return false;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (const auto* const f = columns_[i]; f && !read_value(*f, *f->type, fields_[i], f->in(record)))
      return false;
  for (const auto* const f : absent_)
    f->type->optional->reset(*f->type, f->in(record));
  return true;
}

std::string csv_decoder::wrong_count(std::string_view line) const {
  auto text = fmt::format("the line has {} columns instead of {}", fields_.size(), columns_.size());
  if (const char likely = csv_fields::likely_delimiter(line, delimiter_); fields_.size() == 1 && likely != 0)
    text += fmt::format(": is the delimiter '{}'?", csv_fields::to_text(likely));
  return text;
}

bool csv_decoder::read_value(const field& of, const field_type& type, const csv_fields::raw_field& from, void* to) {
  if (type.kind == field_kind::optional) {
    const bool empty_string = from.quoted && type.element->kind == field_kind::string;
    if (!from.text.empty() || empty_string)
      return read_value(of, *type.element, from, type.optional->emplace(type, to));
    type.optional->reset(type, to);
    return true;
  }
  if (type.kind == field_kind::string) {
    csv_fields::unescape(from, *static_cast<std::string*>(to));
    return true;
  }
  auto text = from.text;
  if (from.escaped) {
    csv_fields::unescape(from, scratch_);
    text = scratch_;
  }
  bool out_of_range = false;
  switch (type.kind) {
  case field_kind::boolean:
    *static_cast<bool*>(to) = text == "true";
    return text == "true" || text == "false" || refuse(of, "true or false", text);
  case field_kind::float32:
    return read_real<float>(text, to, out_of_range) ||
           refuse(of, out_of_range ? "a number in the range of a float" : "a number", text);
  case field_kind::float64:
    return read_real<double>(text, to, out_of_range) ||
           refuse(of, out_of_range ? "a number in the range of a double" : "a number", text);
  case field_kind::decimal:
    return read_decimal(of, text, *static_cast<decimal*>(to));
  case field_kind::timestamp_millis:
    return read_time(of, text, to);
  case field_kind::enumeration:
    return read_enumeration(of, type, text, to);
  default:
    return read_integer(of, type, text, to);
  }
}

bool csv_decoder::read_integer(const field& of, const field_type& type, std::string_view text, void* to) {
  const auto bits = bits_of(type.kind);
  bool out_of_range = false;
  bool whole;
  if (type.kind >= field_kind::uint8) {
    std::uint64_t value = 0;
    whole = read_whole(text, value, out_of_range);
    out_of_range = out_of_range || value > std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
    store_integer(type.kind, to, static_cast<std::int64_t>(value));
  } else {
    std::int64_t value = 0;
    whole = read_whole(text, value, out_of_range);
    const auto most = std::numeric_limits<std::int64_t>::max() >> (64 - bits);
    out_of_range = out_of_range || value > most || value < -most - 1;
    store_integer(type.kind, to, value);
  }
  if (out_of_range)
    return refuse(of, fmt::format("an {} in range", to_string(type.kind)), text);
  return whole || refuse(of, "an integer", text);
}

bool csv_decoder::read_enumeration(const field& of, const field_type& type, std::string_view text, void* to) {
  if (const auto* const known = type.enumeration->find(text)) {
    store_integer(type.element->kind, to, known->value);
    return true;
  }
  std::string names;
  for (const auto& e : type.enumeration->names)
    names += (names.empty() ? "" : ", ") + e.name;
  return refuse(of, "one of " + names, text);
}

bool csv_decoder::read_decimal(const field& of, std::string_view text, decimal& to) {
  const auto outcome = decimal::parse(text, to);
  return outcome == decimal_outcome::ok ||
         refuse(of, outcome == decimal_outcome::malformed ? "a number" : "a number of at most 38 digits", text);
}

bool csv_decoder::read_time(const field& of, std::string_view text, void* to) {
  auto& time = *static_cast<timestamp*>(to);
  std::int64_t millis = 0;
  bool out_of_range = false;
  if (read_whole(text, millis, out_of_range)) {
    time = from_millis(millis);
    return true;
  }
  return parse_timestamp(text, time) || refuse(of, "milliseconds or an ISO-8601 time", text);
}

bool csv_decoder::refuse(const field& of, std::string_view expected, std::string_view found) {
  reason_ = fmt::format("field `{}`: expected {}, found \"{}\"", of.name, expected, excerpt(found));
  return false;
}

} // namespace leat
