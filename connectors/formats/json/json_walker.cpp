#include <leat/connectors/formats/json/json_walker.hpp>

#include <leat/connectors/formats/json/json_text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

using json_number::outcome;

bool json_walker::read_document(record_plan& plan, void* record, std::uint32_t begin, std::uint32_t end) {
  begin_ = begin;
  end_ = end;
  depth_ = 0;
  while (*at_ < begin) // what the last document, if it was refused, has left unread
    ++at_;
  if (is_over(at_))
    return refuse_document("the document is empty");
  if (byte(at_) != '{')
    return refuse_document(
      fmt::format("the document is not an object, but {}{}", byte(at_) == '[' ? "" : "begins with ", found(at_)));
  const auto behind = read_record(at_, plan, record);
  if (behind == nullptr)
    return false;
  at_ = behind;
  return is_over(at_) || refuse_document(fmt::format("there is more behind the document: {}", found(at_)));
}

json_walker::cursor json_walker::read_record(cursor at, record_plan& plan, void* record) {
  if (byte(at) != '{')
    return refuse(at, "an object");
  std::fill(plan.seen.begin(), plan.seen.end(), std::uint8_t{0});
  std::size_t expected = 0;
  ++depth_;
  ++at;
  if (byte(at) != '}') {
    for (;;) {
      at = read_field(at, plan, record, expected);
      if (at == nullptr)
        return nullptr;
      if (byte(at) != ',')
        break;
      ++at;
    }
    if (byte(at) != '}')
      return refuse_syntax(at, "`,` or `}`");
  }
  if (is_over(at))
    return refuse_syntax(at, "`}`");
  --depth_;
  return fill_missing(plan, record) ? at + 1 : nullptr;
}

/// One `"name": value`. Documents mostly have their fields in the order of the description, so the name is compared with
/// the `expected` one first.
json_walker::cursor json_walker::read_field(cursor at, record_plan& plan, void* record, std::size_t& expected) {
  auto place = expected;
  if (place == plan.fields.size() || !plan.fields[place].name.matches(text_ + *at))
    if (!find_field(at, plan, place))
      return nullptr;
  const auto value = skip_colon(at);
  if (value == nullptr)
    return nullptr;
  if (place == plan.fields.size())
    return skip_value(value);
  const auto& f = plan.fields[place];
  if (plan.seen[place] != 0) {
    refuse_field(at, " appears twice");
    return within(f.described.name);
  }
  plan.seen[place] = 1;
  expected = place + 1;
  const auto behind = read_value(value, f.value, f.described.in(record));
  return behind != nullptr ? behind : within(f.described.name);
}

bool json_walker::find_field(cursor at, const record_plan& plan, std::size_t& place) {
  std::string_view name;
  if (byte(at) != '"')
    return refuse_syntax(at, "a field's name");
  if (!text_token(at, name))
    return false;
  place = plan.find(name);
  return true;
}

bool json_walker::fill_missing(record_plan& plan, void* record) {
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    if (plan.seen[i] != 0)
      continue;
    const auto& f = plan.fields[i].described;
    if (f.type->kind != field_kind::optional)
      return refuse_missing(f.name);
    f.type->optional->reset(*f.type, f.in(record));
  }
  return true;
}

json_walker::cursor json_walker::read_value(cursor at, const value_plan& plan, void* to) {
  switch (plan.type->kind) {
  case field_kind::string:
    return read_string(at, *static_cast<std::string*>(to));
  case field_kind::float64:
  case field_kind::float32:
    return read_float(at, *plan.type, to);
  case field_kind::decimal:
    return read_decimal(at, *static_cast<decimal*>(to));
  case field_kind::timestamp_millis:
    return read_timestamp(at, *static_cast<timestamp*>(to));
  case field_kind::boolean:
    return read_boolean(at, *static_cast<bool*>(to));
  case field_kind::enumeration:
    return read_enumeration(at, *plan.type, to);
  case field_kind::optional:
    return read_optional(at, plan, to);
  case field_kind::list:
    return read_list(at, plan, to);
  case field_kind::record:
    return read_record(at, *plan.record, to);
  default:
    return read_integer(at, *plan.type, to);
  }
}

json_walker::cursor json_walker::read_optional(cursor at, const value_plan& plan, void* to) {
  const auto& access = *plan.type->optional;
  if (!is_literal(at, "null"))
    return read_value(at, *plan.element, access.emplace(*plan.type, to));
  access.reset(*plan.type, to);
  return at + 1;
}

json_walker::cursor json_walker::read_list(cursor at, const value_plan& plan, void* to) {
  if (byte(at) != '[')
    return refuse(at, "a list");
  ++depth_;
  ++at;
  std::size_t count = 0;
  if (byte(at) != ']') {
    at = read_elements(at, plan, to, count);
    if (at == nullptr)
      return within(fmt::format("[{}]", count));
    if (byte(at) != ']')
      return refuse_syntax(at, "`,` or `]`");
  }
  plan.type->list->resize(*plan.type, to, count);
  --depth_;
  return at + 1;
}

/// Reads elements over the stale ones first, which keep their buffers. `count` tells how many were read.
json_walker::cursor json_walker::read_elements(cursor at, const value_plan& plan, void* to, std::size_t& count) {
  const auto& type = *plan.type;
  auto room = type.list->size(type, to);
  auto* first = static_cast<char*>(type.list->data(type, to));
  for (;;) {
    if (count == room) {
      type.list->resize(type, to, ++room);
      first = static_cast<char*>(type.list->data(type, to));
    }
    at = read_value(at, *plan.element, first + count * type.element->size);
    if (at == nullptr)
      return nullptr;
    ++count;
    if (byte(at) != ',')
      return at;
    ++at;
  }
}

json_walker::cursor json_walker::read_boolean(cursor at, bool& to) {
  to = is_literal(at, "true");
  return to || is_literal(at, "false") ? at + 1 : refuse(at, "true or false");
}

json_walker::cursor json_walker::read_integer(cursor at, const field_type& type, void* to) {
  std::int64_t value = 0;
  outcome read;
  if (type.kind == field_kind::uint64) {
    std::uint64_t bits = 0;
    read = json_number::read_uint64(text_ + *at, bits);
    value = static_cast<std::int64_t>(bits);
  } else {
    read = json_number::read_int64(text_ + *at, value);
  }
  if (read != outcome::ok)
    return refuse(at, read, type);
  store_integer(type.kind, to, value);
  return load_integer(type.kind, to) == value ? at + 1 : refuse(at, outcome::out_of_range, type);
}

json_walker::cursor json_walker::read_float(cursor at, const field_type& type, void* to) {
  const char* const text = text_ + *at;
  const auto read = type.kind == field_kind::float64 ? json_number::read_double(text, *static_cast<double*>(to))
                                                     : json_number::read_float(text, *static_cast<float*>(to));
  return read == outcome::ok ? at + 1 : refuse(at, read, type);
}

json_walker::cursor json_walker::read_string(cursor at, std::string& to) {
  std::string_view raw;
  if (byte(at) != '"')
    return refuse(at, "a string");
  if (!string_token(at, raw))
    return nullptr;
  if (!escapes_)
    to.assign(raw);
  else if (const char* wrong = json_text::unescape(raw, to))
    return refuse_escape(at, wrong);
  return at + 1;
}

json_walker::cursor json_walker::read_decimal(cursor at, decimal& to) {
  constexpr std::string_view expected = "a number";
  std::string_view text;
  if (byte(at) == '"') {
    if (!text_token(at, text))
      return nullptr;
  } else {
    if (!json_number::is_number(text_ + *at))
      return refuse(at, expected);
    text = scalar(at);
  }
  const auto outcome = decimal::parse(text, to);
  if (outcome == decimal_outcome::too_many_digits)
    return refuse(at, "a number of at most 38 digits");
  return outcome == decimal_outcome::ok ? at + 1 : refuse(at, expected);
}

json_walker::cursor json_walker::read_timestamp(cursor at, timestamp& to) {
  constexpr std::string_view expected = "milliseconds since the epoch or a date-time like 2024-05-01T12:00:00.250Z";
  if (byte(at) != '"') {
    std::int64_t millis = 0;
    if (json_number::read_int64(text_ + *at, millis) != outcome::ok)
      return refuse(at, expected);
    to = from_millis(millis);
    return at + 1;
  }
  std::string_view text;
  if (!text_token(at, text))
    return nullptr;
  return parse_timestamp(text, to) ? at + 1 : refuse(at, expected);
}

json_walker::cursor json_walker::read_enumeration(cursor at, const field_type& type, void* to) {
  std::string_view text;
  if (byte(at) != '"')
    return refuse_enumeration(at, type);
  if (!text_token(at, text))
    return nullptr;
  const auto* const known = type.enumeration->find(text);
  if (known == nullptr)
    return refuse_enumeration(at, type);
  store_integer(type.element->kind, to, known->value);
  return at + 1;
}

/// The inside of the string literal at a token, as it stands there.
bool json_walker::string_token(cursor at, std::string_view& raw) {
  const auto first = *at + 1;
  auto last = at[1] - 1;
  while (last > first && text_[last] != '"')
    --last;
  if (last < first || text_[last] != '"')
    return refuse_syntax(at, "a string");
  raw = {text_ + first, last - first};
  return true;
}

/// The text that the string literal at a token stands for; valid until the next call.
bool json_walker::text_token(cursor at, std::string_view& text) {
  if (!string_token(at, text))
    return false;
  if (!escapes_ || text.find('\\') == text.npos)
    return true;
  if (const char* wrong = json_text::unescape(text, scratch_))
    return refuse_escape(at, wrong);
  text = scratch_;
  return true;
}

bool json_walker::is_literal(cursor at, std::string_view literal) const noexcept {
  const std::string_view there{text_ + *at, literal.size() + 1};
  return there.starts_with(literal) && json_number::ends_scalar(there.back());
}

/// A token with all its bytes up to the next one, white space left out.
std::string_view json_walker::scalar(cursor at) const noexcept {
  std::string_view there{text_ + *at, std::min(at[1], end_) - *at};
  while (!there.empty() && std::string_view{" \t\r\n"}.find(there.back()) != std::string_view::npos)
    there.remove_suffix(1);
  return there;
}

} // namespace leat
