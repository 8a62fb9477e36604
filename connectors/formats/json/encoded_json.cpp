#include <leat/connectors/formats/json/encoded_json.hpp>

#include <leat/base/decimal.hpp>
#include <leat/base/encoded/encoded_value.hpp>
#include <leat/base/time.hpp>
#include <leat/base/utf8.hpp>
#include <leat/connectors/formats/protobuf/message_definition.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace leat {
namespace {

std::string hexadecimal(std::string_view bytes) {
  std::string digits;
  for (const auto c : bytes)
    fmt::format_to(std::back_inserter(digits), "{:02x}", static_cast<unsigned char>(c));
  return digits;
}

void write_ascii(json_writer& to, std::string_view text) {
  to.raw('"');
  to.raw(text);
  to.raw('"');
}

void write_time(json_writer& to, timestamp t) {
  const auto text = format_timestamp(t);
  const bool is_number = text.find_first_not_of("-0123456789") == std::string::npos;
  is_number ? to.raw(text) : write_ascii(to, text);
}

template <class Float>
void write_float(json_writer& to, Float value) {
  if (std::isnan(value))
    write_ascii(to, "NaN");
  else if (std::isinf(value))
    write_ascii(to, value < 0 ? "-Infinity" : "Infinity");
  else if constexpr (sizeof value > sizeof(double))
    to.raw(fmt::format("{}", value));
  else
    (void)to.number(value);
}

class value_writer {
public:
  value_writer(json_writer& to, byte_reader& from) : to_{to}, from_{from} {}

  void write(const encoded_type& t) {
    const nesting deeper{depth_};
    switch (t.kind) {
    case encoded_kind::nothing:
      return to_.raw("null");
    case encoded_kind::boolean:
      return to_.raw(from_.fixed<bool>() ? "true" : "false");
    case encoded_kind::unsigned_number:
      return to_.unsigned_integer(unsigned_value(t, from_));
    case encoded_kind::signed_number:
      return to_.integer(signed_value(t, from_));
    case encoded_kind::floating:
      return write_floating(t);
    case encoded_kind::decimal:
      return write_decimal();
    case encoded_kind::text:
      return write_json_text(to_, from_.text());
    case encoded_kind::timestamp:
      return write_time(to_, from_millis(from_.signed_number()));
    case encoded_kind::duration:
      return write_duration(t);
    case encoded_kind::enumeration:
      return write_enumerator(t, false);
    case encoded_kind::optional:
      return from_.fixed<bool>() ? write(t.element()) : to_.raw("null");
    case encoded_kind::list:
    case encoded_kind::set:
      return write_elements(t);
    case encoded_kind::map:
      return write_map(t);
    case encoded_kind::tuple:
    case encoded_kind::record:
      return write_parts(t);
    case encoded_kind::variant:
      return write_variant(t);
    case encoded_kind::expiring:
      return write_expiring(t);
    case encoded_kind::message:
      return write_message(t);
    case encoded_kind::any_message:
      return write_any_message();
    case encoded_kind::opaque:
      return write_opaque(t);
    }
  }

private:
  void write_decimal() {
    decimal d;
    d.decode(from_);
    to_.number(d);
  }

  void write_floating(const encoded_type& t) {
    if (t.size == sizeof(float))
      write_float(to_, from_.fixed<float>());
    else if (t.size == sizeof(double))
      write_float(to_, from_.fixed<double>());
    else
      write_float(to_, from_.fixed<long double>());
  }

  void write_duration(const encoded_type& t) {
    const auto count = from_.signed_number();
    if (t.num == duration::period::num && t.den == duration::period::den)
      write_ascii(to_, format_duration(duration{count}));
    else
      write_ascii(to_, fmt::format("{}{}", count, unit_text(t.num, t.den)));
  }

  void write_enumerator(const encoded_type& t, bool as_key) {
    const auto value = enumerator_value(t, from_);
    const auto named =
      std::find_if(t.enumerators.begin(), t.enumerators.end(), [&](const auto& e) { return e.number == value; });
    if (named != t.enumerators.end())
      return write_ascii(to_, named->name);
    const auto number = t.element().kind == encoded_kind::unsigned_number
                          ? std::to_string(static_cast<std::uint64_t>(value))
                          : std::to_string(value);
    as_key ? write_ascii(to_, number) : to_.raw(number);
  }

  void write_elements(const encoded_type& t) {
    to_.raw('[');
    for (std::size_t i = 0, size = from_.size(); i != size; ++i) {
      comma(i != 0);
      write(t.element());
    }
    to_.raw(']');
  }

  void write_map(const encoded_type& t) {
    const auto key = t.element().kind;
    const bool object = key == encoded_kind::text || key == encoded_kind::enumeration;
    to_.raw(object ? '{' : '[');
    for (std::size_t i = 0, size = from_.size(); i != size; ++i) {
      comma(i != 0);
      if (!object)
        to_.raw('[');
      if (key == encoded_kind::text)
        write_json_key(to_, from_.text());
      else
        object ? write_enumerator(t.element(), true) : write(t.element());
      to_.raw(object ? ':' : ',');
      write(*t.parts[1].type);
      if (!object)
        to_.raw(']');
    }
    to_.raw(object ? '}' : ']');
  }

  void write_parts(const encoded_type& t) {
    const bool record = t.kind == encoded_kind::record;
    to_.raw(record ? '{' : '[');
    for (const auto& part : t.parts) {
      comma(&part != t.parts.data());
      if (record) {
        (void)to_.string(part.name);
        to_.raw(':');
      }
      write(*part.type);
    }
    to_.raw(record ? '}' : ']');
  }

  void write_variant(const encoded_type& t) {
    const auto index = alternative_value(t, from_);
    to_.raw(R"({"index":)");
    to_.unsigned_integer(index);
    to_.raw(R"(,"value":)");
    write(*t.parts[index].type);
    to_.raw('}');
  }

  /// Until when a value is good stands behind it, and decides what is written before it.
  void write_expiring(const encoded_type& t) {
    auto behind = from_;
    read_past(t.element(), behind);
    const auto until = from_millis(behind.signed_number());
    if (until != max_timestamp)
      to_.raw(R"({"value":)");
    write(t.element());
    (void)from_.signed_number();
    if (until == max_timestamp)
      return;
    to_.raw(R"(,"until":)");
    write_time(to_, until);
    to_.raw('}');
  }

  void write_message(const encoded_type& t) {
    const auto bytes = from_.text();
    write_message(message_definition(t), message_name(t), bytes);
  }

  void write_any_message() {
    const auto name = from_.text(), definition = from_.text(), bytes = from_.text();
    name.empty() ? to_.raw("null") : write_message(definition, name, bytes);
  }

  /// As bytes, if it has no form in JSON: a letter or a look at the state cannot fail for what a message holds.
  void write_message(std::string_view definition, std::string_view name, std::string_view bytes) {
    const auto json = message_in_json(definition, name, bytes);
    json.empty() ? write_json_bytes(to_, bytes) : to_.raw(json);
  }

  void write_opaque(const encoded_type& t) {
    const auto bytes = from_.rest();
    read_past(t, from_);
    write_json_bytes(to_, bytes.substr(0, bytes.size() - from_.rest().size()));
  }

  void comma(bool wanted) {
    if (wanted)
      to_.raw(',');
  }

  json_writer& to_;
  byte_reader& from_;
  unsigned depth_ = 0;
};

} // namespace

void write_json(json_writer& to, const encoded_type& type, byte_reader& from) { value_writer{to, from}.write(type); }

void write_json_bytes(json_writer& to, std::string_view bytes) {
  to.raw(R"({"$bytes":")");
  to.raw(hexadecimal(bytes));
  to.raw(R"("})");
}

void write_json_text(json_writer& to, std::string_view text) {
  if (find_invalid_utf8(text) != std::string_view::npos)
    write_json_bytes(to, text);
  else
    (void)to.string(text);
}

void write_json_key(json_writer& to, std::string_view text) {
  if (find_invalid_utf8(text) != std::string_view::npos)
    write_ascii(to, "$bytes:" + hexadecimal(text));
  else
    (void)to.string(text);
}

void write_json_number(json_writer& to, double value) { write_float(to, value); }

void write_json_number(json_writer& to, float value) { write_float(to, value); }

void write_json(json_writer& to, const encoded_type* type, std::string_view bytes) {
  if (!type)
    return write_json_bytes(to, bytes);
  byte_reader from{bytes};
  write_json(to, *type, from);
  from.expect_end();
}

} // namespace leat
