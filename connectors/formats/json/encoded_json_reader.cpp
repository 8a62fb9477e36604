#include <leat/connectors/formats/json/encoded_json.hpp>

#include <leat/base/decimal.hpp>
#include <leat/base/encoded/encoded_value.hpp>
#include <leat/base/error.hpp>
#include <leat/base/time.hpp>

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace leat {
namespace {

using element = simdjson::dom::element;

config_error refused(const encoded_type& t, std::string_view found) {
  return config_error{fmt::format("expected a value of type {}, found {}", shown_type_text(t), found)};
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number n{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{n} : std::nullopt;
}

std::optional<std::int64_t> milliseconds(std::string_view text) {
  timestamp t;
  if (parse_timestamp(text, t))
    return to_millis(t);
  for (const auto end : {min_timestamp, max_timestamp})
    if (text == format_timestamp(end))
      return to_millis(end);
  return whole_number<std::int64_t>(text);
}

// So many units of the type, as a number or with any unit that comes to a whole number of them.
std::optional<std::int64_t> units(const encoded_type& t, std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("-0123456789"), text.size());
  const auto count = whole_number<std::int64_t>(text.substr(0, digits));
  const auto unit = text.substr(digits);
  if (!count || unit.empty() || unit == unit_text(t.num, t.den))
    return count;
  const auto named =
    std::find_if(std::begin(time_units), std::end(time_units), [&](const auto& u) { return u.name == unit; });
  if (named == std::end(time_units))
    return std::nullopt;
  const auto seconds = static_cast<__int128>(*count) * named->num * t.den;
  const auto of_type = static_cast<__int128>(named->den) * t.num;
  const auto made = seconds / of_type;
  if (seconds % of_type != 0 || made != static_cast<std::int64_t>(made))
    return std::nullopt;
  return static_cast<std::int64_t>(made);
}

std::optional<std::string> bytes_of(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned byte = 0;
    const auto* const from = digits.data() + i;
    if (digits.size() - i < 2 || std::from_chars(from, from + 2, byte, 16).ptr != from + 2)
      return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

class value_parser {
public:
  explicit value_parser(std::string& to) : to_{to} {}

  void parse(const encoded_type& t, element e) {
    const nesting deeper{depth_};
    switch (t.kind) {
    case encoded_kind::nothing:
      return demand(e.is_null(), t, e);
    case encoded_kind::boolean:
      return to_.fixed(get<bool>(t, e));
    case encoded_kind::unsigned_number:
      return parse_unsigned(t, get<std::uint64_t>(t, e));
    case encoded_kind::signed_number:
      return parse_signed(t, get<std::int64_t>(t, e));
    case encoded_kind::floating:
      return parse_floating(t, e);
    case encoded_kind::decimal:
      if (e.type() == simdjson::dom::element_type::DOUBLE) // its digits are lost by now
        throw config_error{fmt::format(
          "a decimal with a point or an exponent, such as {}, stands in quotes inside of other values",
          simdjson::minify(e))};
      demand(e.is_string() || e.is_int64() || e.is_uint64(), t, e);
      return parse_plain(t, e.is_string() ? get<std::string_view>(t, e) : simdjson::minify(e));
    case encoded_kind::text:
      return parse_text(t, e);
    case encoded_kind::timestamp:
    case encoded_kind::duration:
    case encoded_kind::enumeration:
      return e.is_string() ? parse_plain(t, get<std::string_view>(t, e)) : parse_plain(t, simdjson::minify(e));
    case encoded_kind::optional:
      to_.fixed(!e.is_null());
      return e.is_null() ? void() : parse(t.element(), e);
    case encoded_kind::list:
      return parse_list(t, e);
    case encoded_kind::tuple:
      return parse_tuple(t, e);
    case encoded_kind::record:
      return parse_record(t, e);
    case encoded_kind::set:
    case encoded_kind::map:
    case encoded_kind::variant:
    case encoded_kind::expiring:
    case encoded_kind::message:
    case encoded_kind::any_message:
    case encoded_kind::opaque:
      throw config_error{fmt::format("a value of type {} cannot be written by hand", shown_type_text(t))};
    }
  }

  /// What may stand without quotes.
  void parse_plain(const encoded_type& t, std::string_view text) {
    if (t.kind == encoded_kind::text)
      return to_.text(text);
    if (t.kind == encoded_kind::enumeration)
      return parse_enumerator(t, text);
    if (t.kind == encoded_kind::decimal)
      return parse_decimal(t, text);
    const auto number = t.kind == encoded_kind::timestamp ? milliseconds(text) : units(t, text);
    if (!number)
      throw refused(t, text);
    to_.signed_number(*number);
  }

private:
  template <class T>
  T get(const encoded_type& t, element e) {
    T value;
    if (e.get(value) != simdjson::SUCCESS)
      throw refused(t, simdjson::minify(e));
    return value;
  }

  static void demand(bool holds, const encoded_type& t, element e) {
    if (!holds)
      throw refused(t, simdjson::minify(e));
  }

  void parse_unsigned(const encoded_type& t, std::uint64_t n) {
    if (n > std::numeric_limits<std::uint64_t>::max() >> (64 - 8 * t.size))
      throw refused(t, std::to_string(n));
    to_.unsigned_number(n);
  }

  void parse_signed(const encoded_type& t, std::int64_t n) {
    const auto most = std::numeric_limits<std::int64_t>::max() >> (64 - 8 * t.size);
    if (n > most || n < -most - 1)
      throw refused(t, std::to_string(n));
    to_.signed_number(n);
  }

  void parse_decimal(const encoded_type& t, std::string_view text) {
    decimal d;
    if (decimal::parse(text, d) != decimal_outcome::ok)
      throw refused(t, text);
    d.encode(to_);
  }

  void parse_floating(const encoded_type& t, element e) {
    constexpr auto infinity = std::numeric_limits<double>::infinity();
    auto value = std::numeric_limits<double>::quiet_NaN();
    if (!e.is_string())
      value = get<double>(t, e);
    else if (const auto word = get<std::string_view>(t, e); word == "Infinity" || word == "-Infinity")
      value = word.front() == '-' ? -infinity : infinity;
    else
      demand(word == "NaN", t, e);
    if (t.size == sizeof(float))
      to_.fixed(static_cast<float>(value));
    else if (t.size == sizeof(double))
      to_.fixed(value);
    else
      to_.fixed(static_cast<long double>(value));
  }

  void parse_text(const encoded_type& t, element e) {
    std::string_view digits;
    if (e["$bytes"].get(digits) != simdjson::SUCCESS)
      return to_.text(get<std::string_view>(t, e));
    const auto bytes = bytes_of(digits);
    demand(bytes.has_value(), t, e);
    to_.text(*bytes);
  }

  void parse_enumerator(const encoded_type& t, std::string_view text) {
    const auto named =
      std::find_if(t.enumerators.begin(), t.enumerators.end(), [&](const auto& e) { return e.name == text; });
    const auto& number = t.element();
    if (number.kind == encoded_kind::boolean) {
      if (named != t.enumerators.end())
        return to_.fixed(named->number != 0);
    } else if (number.kind == encoded_kind::signed_number) {
      if (const auto n = named != t.enumerators.end() ? named->number : whole_number<std::int64_t>(text))
        return parse_signed(number, *n);
    } else if (named != t.enumerators.end()) {
      return parse_unsigned(number, static_cast<std::uint64_t>(named->number));
    } else if (const auto n = whole_number<std::uint64_t>(text)) {
      return parse_unsigned(number, *n);
    }
    throw refused(t, text);
  }

  void parse_list(const encoded_type& t, element e) {
    const auto values = get<simdjson::dom::array>(t, e);
    std::uint64_t count = 0;
    for ([[maybe_unused]] const auto value : values)
      ++count;
    to_.unsigned_number(count);
    for (const auto value : values)
      parse(t.element(), value);
  }

  void parse_tuple(const encoded_type& t, element e) {
    const auto values = get<simdjson::dom::array>(t, e);
    demand(values.size() == t.parts.size(), t, e);
    std::size_t i = 0;
    for (const auto value : values)
      parse(*t.parts[i++].type, value);
  }

  void parse_record(const encoded_type& t, element e) {
    const auto members = get<simdjson::dom::object>(t, e);
    demand(members.size() == t.parts.size(), t, e);
    for (const auto& part : t.parts) {
      element value;
      demand(members.at_key(part.name).get(value) == simdjson::SUCCESS, t, e);
      parse(*part.type, value);
    }
  }

  byte_writer to_;
  unsigned depth_ = 0;
};

bool may_be_plain(const encoded_type& t, std::string_view text) {
  switch (t.kind) {
  case encoded_kind::text:
    return !text.starts_with('"') && !text.starts_with("{\"$bytes\"");
  case encoded_kind::decimal:
  case encoded_kind::timestamp:
  case encoded_kind::duration:
  case encoded_kind::enumeration:
    return !text.starts_with('"');
  default:
    return false;
  }
}

} // namespace

std::string encoded_from_json(const encoded_type& type, std::string_view text) {
  std::string bytes;
  value_parser parser{bytes};
  if (may_be_plain(type, text)) {
    parser.parse_plain(type, text);
    return bytes;
  }
  simdjson::dom::parser json;
  element value;
  if (const auto error = json.parse(text.data(), text.size()).get(value); error != simdjson::SUCCESS)
    throw refused(type, fmt::format("{}, which is no JSON: {}", text, simdjson::error_message(error)));
  parser.parse(type, value);
  return bytes;
}

} // namespace leat
