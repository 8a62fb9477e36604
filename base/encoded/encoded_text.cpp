#include <leat/base/encoded/encoded_text.hpp>

#include <leat/base/decimal.hpp>
#include <leat/base/encoded/encoded_value.hpp>
#include <leat/base/time.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace leat {

namespace {

void append_bytes(std::string& to, std::string_view bytes) {
  to += "0x";
  for (const auto c : bytes)
    fmt::format_to(std::back_inserter(to), "{:02x}", static_cast<unsigned char>(c));
}

void append_quoted(std::string& to, std::string_view text) {
  to += '"';
  for (const auto c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
      fmt::format_to(std::back_inserter(to), "\\x{:02x}", static_cast<unsigned char>(c));
    else if (c == '"' || c == '\\')
      (to += '\\') += c;
    else
      to += c;
  to += '"';
}

template <class Number>
void append_number(std::string& to, Number n) {
  fmt::format_to(std::back_inserter(to), "{}", n);
}

class value_printer {
public:
  explicit value_printer(byte_reader& from) : from_{from} {}

  void print(std::string& to, const encoded_type& t) {
    const nesting deeper{depth_};
    switch (t.kind) {
    case encoded_kind::nothing:
      return append_bytes(to, {});
    case encoded_kind::boolean:
      return void(to += from_.fixed<bool>() ? "true" : "false");
    case encoded_kind::unsigned_number:
      return append_number(to, unsigned_value(t, from_));
    case encoded_kind::signed_number:
      return append_number(to, signed_value(t, from_));
    case encoded_kind::floating:
      return print_floating(to, t);
    case encoded_kind::decimal:
      return print_decimal(to);
    case encoded_kind::text:
      return append_quoted(to, from_.text());
    case encoded_kind::timestamp:
      return void(to += format_timestamp(from_millis(from_.signed_number())));
    case encoded_kind::duration:
      return print_duration(to, t);
    case encoded_kind::enumeration:
      return print_enumerator(to, t);
    case encoded_kind::optional:
      return from_.fixed<bool>() ? print(to, t.element()) : void(to += "none");
    case encoded_kind::list:
    case encoded_kind::set:
      return print_elements(to, t, '[', ']');
    case encoded_kind::map:
      return print_elements(to, t, '{', '}');
    case encoded_kind::tuple:
      return print_parts(to, t, '(', ')');
    case encoded_kind::record:
      return print_parts(to, t, '{', '}');
    case encoded_kind::variant:
      return print(to, *t.parts[alternative_value(t, from_)].type);
    case encoded_kind::expiring:
      return print_expiring(to, t);
    case encoded_kind::message:
      return append_bytes(to, from_.text());
    case encoded_kind::any_message:
      (void)from_.text(), (void)from_.text();
      return append_bytes(to, from_.text());
    case encoded_kind::opaque:
      return print_opaque(to, t);
    }
  }

private:
  void print_decimal(std::string& to) {
    decimal d;
    d.decode(from_);
    to += to_string(d);
  }

  void print_floating(std::string& to, const encoded_type& t) {
    if (t.size == sizeof(float))
      append_number(to, from_.fixed<float>());
    else if (t.size == sizeof(double))
      append_number(to, from_.fixed<double>());
    else
      append_number(to, static_cast<double>(from_.fixed<long double>()));
  }

  void print_duration(std::string& to, const encoded_type& t) {
    const auto count = from_.signed_number();
    if (t.num == duration::period::num && t.den == duration::period::den)
      to += format_duration(duration{count});
    else
      to += fmt::format("{}{}", count, unit_text(t.num, t.den));
  }

  void print_enumerator(std::string& to, const encoded_type& t) {
    auto number = from_;
    const auto value = enumerator_value(t, from_);
    const auto named = std::find_if(
      t.enumerators.begin(), t.enumerators.end(), [&](const encoded_type::enumerator& e) { return e.number == value; });
    if (named != t.enumerators.end())
      to += named->name;
    else
      value_printer{number}.print(to, t.element());
  }

  /// Those without an order are printed in that of their texts, so that a person finds them.
  void print_elements(std::string& to, const encoded_type& t, char open, char close) {
    std::vector<std::string> texts;
    to += open;
    for (std::size_t i = 0, size = from_.size(); i != size; ++i) {
      if (!t.hashed && i != 0)
        to += ", ";
      auto& text = t.hashed ? texts.emplace_back() : to;
      print(text, t.element());
      if (t.kind == encoded_kind::map) {
        text += ": ";
        print(text, *t.parts[1].type);
      }
    }
    std::sort(texts.begin(), texts.end());
    fmt::format_to(std::back_inserter(to), "{}{}", fmt::join(texts, ", "), close);
  }

  void print_parts(std::string& to, const encoded_type& t, char open, char close) {
    to += open;
    for (const auto& part : t.parts) {
      if (&part != t.parts.data())
        to += ", ";
      if (!part.name.empty())
        (to += part.name) += ": ";
      print(to, *part.type);
    }
    to += close;
  }

  void print_expiring(std::string& to, const encoded_type& t) {
    print(to, t.element());
    if (const auto until = from_millis(from_.signed_number()); until != max_timestamp)
      to += " until " + format_timestamp(until);
  }

  void print_opaque(std::string& to, const encoded_type& t) {
    const auto bytes = from_.rest();
    read_past(t, from_);
    append_bytes(to, bytes.substr(0, bytes.size() - from_.rest().size()));
  }

  byte_reader& from_;
  unsigned depth_ = 0;
};

} // namespace

void append_text(std::string& to, const encoded_type& type, byte_reader& from) { value_printer{from}.print(to, type); }

std::string value_text(const encoded_type* type, std::string_view bytes) {
  std::string text;
  if (!type) {
    append_bytes(text, bytes);
    return text;
  }
  byte_reader from{bytes};
  append_text(text, *type, from);
  from.expect_end();
  return text;
}

} // namespace leat
