#include <leat/connectors/postgres/row_decoder.hpp>

#include <leat/base/excerpt.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/postgres/pg_value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

namespace leat {

namespace {

std::vector<field> members_of(const schema& of, const std::vector<apart_field>& apart) {
  std::vector<field> left;
  for (const auto& f : of.fields())
    if (std::ranges::find(apart, &f, &apart_field::field) == apart.end())
      left.push_back(f);
  return left;
}

template <class Number>
bool read_all(std::string_view text, Number& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc{} && end == text.data() + text.size();
}

const field_type& value_type(const field& f) { return f.type->kind == field_kind::optional ? *f.type->element : *f.type; }

char digit(char c) { return static_cast<char>(c <= '9' ? c - '0' : c - 'a' + 10); }

/// `\x6869` as the bytes that it stands for.
void read_bytes(std::string_view digits, std::string& to) {
  to.clear();
  for (std::size_t i = 2; i + 1 < digits.size(); i += 2)
    to.push_back(static_cast<char>(digit(digits[i]) * 16 + digit(digits[i + 1])));
}

} // namespace

row_decoder::row_decoder(const schema& of, const row_selection& selected)
  : apart_{selected.apart()}, members_{of.name(), of.size(), members_of(of, apart_)}, json_{json.make_decoder(members_)} {}

std::size_t
row_decoder::decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) {
  objects_.clear();
  places_.clear();
  values_.clear();
  json_rejections_.clear();
  const auto before = static_cast<std::ptrdiff_t>(rejected.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (!read(beside_[i])) {
      rejected.push_back({i, reason()});
      continue;
    }
    objects_.push_back(in[i]);
    places_.push_back(i);
  }
  const auto filled = json_->decode(objects_, slots, stride, json_rejections_);
  auto* slot = static_cast<char*>(slots);
  auto refused = json_rejections_.begin();
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    if (refused != json_rejections_.end() && refused->index == i) {
      rejected.push_back({places_[i], std::move((refused++)->reason)});
      continue;
    }
    for (std::size_t k = 0; k < apart_.size(); ++k)
      store(apart_[k], values_[i * apart_.size() + k], slot);
    slot += stride;
  }
  std::sort(
    rejected.begin() + before, rejected.end(), [](const rejection& a, const rejection& b) { return a.index < b.index; });
  return filled;
}

/// Reads the values of a row that stand beside its object.
bool row_decoder::read(std::string_view values) {
  pg_value_reader from{values};
  const auto first = values_.size();
  for (const auto& which : apart_) {
    const auto value = from.next();
    auto& to = values_.emplace_back();
    to.null = value.null;
    if (
      value.null ? which.field->type->kind == field_kind::optional || refuse("must have a value, and is NULL")
                 : read(which, value.bytes, to))
      continue;
    values_.resize(first);
    return within(which.field->name);
  }
  return true;
}

bool row_decoder::read(const apart_field& which, std::string_view text, apart_value& to) {
  switch (which.form) {
  case apart_form::real:
    if (float narrow = 0; value_type(*which.field).kind == field_kind::float32) {
      const bool is_number = read_all(text, narrow);
      to.real = static_cast<double>(narrow);
      return is_number || refuse(fmt::format("{} does not fit into a float", excerpt(text)));
    }
    return read_all(text, to.real) || refuse(fmt::format("{} does not fit into a double", excerpt(text)));
  case apart_form::narrowed:
    return (read_all(text, to.real) &&
            (std::isnan(to.real) || static_cast<double>(static_cast<float>(to.real)) == to.real)) ||
           refuse(fmt::format("{} does not fit into a float exactly", excerpt(text)));
  case apart_form::time:
    return read_all(text, to.millis) || refuse(fmt::format("{} is no time in milliseconds", excerpt(text)));
  case apart_form::bytes:
    to.digits = text;
    return text.starts_with("\\x") || refuse("the bytes are not in hexadecimal digits");
  }
  return false;
}

void row_decoder::store(const apart_field& which, const apart_value& value, void* record) const {
  const auto& type = *which.field->type;
  void* to = which.field->in(record);
  if (type.kind == field_kind::optional) {
    if (value.null)
      return type.optional->reset(type, to);
    to = type.optional->emplace(type, to);
  }
  switch (which.form) {
  case apart_form::real:
  case apart_form::narrowed:
    if (value_type(*which.field).kind == field_kind::float32) {
      const auto narrow = static_cast<float>(value.real);
      std::memcpy(to, &narrow, sizeof narrow);
    } else {
      std::memcpy(to, &value.real, sizeof value.real);
    }
    break;
  case apart_form::time:
    *static_cast<timestamp*>(to) = from_millis(value.millis);
    break;
  case apart_form::bytes:
    read_bytes(value.digits, *static_cast<std::string*>(to));
    break;
  }
}

} // namespace leat
