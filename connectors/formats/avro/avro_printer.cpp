#include <leat/connectors/formats/avro/avro_printer.hpp>

#include <leat/base/time.hpp>
#include <leat/connectors/formats/avro/avro_decimal.hpp>
#include <leat/connectors/formats/avro/avro_text.hpp>
#include <leat/connectors/formats/json/encoded_json.hpp>

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <utility>

namespace leat {

namespace {

/// Nesting: a type may contain itself.
constexpr unsigned deepest_shown = 1'024;

constexpr std::int64_t millis = 1'000, micros = 1'000'000; // in a second

/// A part of a second, and the seconds before it, also before the epoch.
struct split_seconds {
  std::int64_t whole;
  std::int64_t rest;
};

split_seconds split(std::int64_t number, std::int64_t in_second) {
  const auto rest = (number % in_second + in_second) % in_second;
  return {(number - rest) / in_second, rest};
}

/// Not ISO-8601 but a plain number, or one of the two ends of time.
bool has_no_form(std::string_view formatted) { return formatted.find('T') == std::string_view::npos; }

std::string uuid_text(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    fmt::format_to(
      std::back_inserter(text), "{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
      static_cast<unsigned char>(bytes[i]));
  return text;
}

} // namespace

avro_printer::avro_printer(std::shared_ptr<const avro_schema> written) : written_{std::move(written)} {}

printed_value avro_printer::print(std::string_view bytes) {
  in_ = wire_reader{bytes};
  to_.clear();
  depth_ = 0;
  if (!value(written_->root()))
    return {{}, reason()};
  if (in_.left() != 0) {
    refuse(
      fmt::format("there are {} bytes behind the value: it was written with another schema, or is no Avro", in_.left()));
    return {{}, reason()};
  }
  return {std::string{to_.text()}, {}};
}

bool avro_printer::value(const avro_type& type) {
  if (to_.text().size() > most_json)
    return refuse(fmt::format("takes more than {} MB as JSON", most_json >> 20));
  switch (type.kind) {
  case avro_kind::null:
    to_.raw("null");
    return true;
  case avro_kind::record:
  case avro_kind::array:
  case avro_kind::map:
  case avro_kind::either:
    return nested(type);
  default:
    return simple(type);
  }
}

bool avro_printer::simple(const avro_type& type) {
  switch (type.kind) {
  case avro_kind::boolean:
    return boolean();
  case avro_kind::int32:
  case avro_kind::int64:
    return whole(type);
  case avro_kind::float32: {
    float number = 0;
    if (!in_.get_raw(number))
      return cut_off();
    write_json_number(to_, number);
    return true;
  }
  case avro_kind::float64: {
    double number = 0;
    if (!in_.get_raw(number))
      return cut_off();
    write_json_number(to_, number);
    return true;
  }
  case avro_kind::enumeration:
    return enumeration(type);
  default:
    return octets(type);
  }
}

bool avro_printer::nested(const avro_type& type) {
  if (depth_ == deepest_shown)
    return refuse(fmt::format("is nested more than {} deep", deepest_shown));
  ++depth_;
  const bool written = type.kind == avro_kind::record   ? record(type)
                       : type.kind == avro_kind::either ? either(type)
                                                        : elements(type);
  --depth_;
  return written;
}

bool avro_printer::boolean() {
  std::uint8_t byte = 0;
  if (!in_.get_raw(byte))
    return cut_off();
  to_.raw(byte == 0 ? "false" : "true");
  return byte <= 1 || refuse(fmt::format("expected a boolean, found the byte {:#04x}", byte));
}

bool avro_printer::whole(const avro_type& type) {
  std::int64_t number = 0;
  if (!in_.get_folded(number))
    return cut_off();
  if (type.kind == avro_kind::int32 && number != static_cast<std::int32_t>(number))
    return refuse(fmt::format("{} does not fit into int", number));
  switch (type.logical) {
  case avro_logical::date:
    write_date(number);
    break;
  case avro_logical::time_millis:
    write_time_of_day(number, millis, 3);
    break;
  case avro_logical::time_micros:
    write_time_of_day(number, micros, 6);
    break;
  case avro_logical::timestamp_millis:
  case avro_logical::timestamp_micros:
  case avro_logical::local_timestamp_millis:
  case avro_logical::local_timestamp_micros:
    write_timestamp(number, type.logical);
    break;
  default:
    to_.integer(number);
  }
  return true;
}

/// Strings, bytes and fixed.
bool avro_printer::octets(const avro_type& type) {
  const bool is_fixed = type.kind == avro_kind::fixed;
  std::string_view bytes;
  if (!(is_fixed ? in_.get_bytes(type.size, bytes) : get_avro_text(in_, bytes)))
    return cut_off();
  if (type.logical == avro_logical::uuid)
    write_quoted(uuid_text(bytes));
  else if (const auto number = type.logical == avro_logical::decimal ? avro_decimal(bytes, type.scale) : std::nullopt)
    to_.number(*number);
  else if (is_fixed || type.logical == avro_logical::decimal)
    write_json_bytes(to_, bytes);
  else
    write_json_text(to_, bytes);
  return true;
}

bool avro_printer::enumeration(const avro_type& type) {
  std::int64_t symbol = 0;
  if (!in_.get_folded(symbol))
    return cut_off();
  if (symbol < 0 || symbol >= static_cast<std::int64_t>(type.symbols.size()))
    return refuse(fmt::format("symbol {} of an enum of {}", symbol, type.symbols.size()));
  write_quoted(type.symbols[static_cast<std::size_t>(symbol)]);
  return true;
}

bool avro_printer::record(const avro_type& type) {
  to_.raw('{');
  for (const auto& field : type.fields) {
    if (&field != type.fields.data())
      to_.raw(',');
    write_quoted(field.name);
    to_.raw(':');
    if (!value(*field.type))
      return within(field.name);
  }
  to_.raw('}');
  return true;
}

bool avro_printer::either(const avro_type& type) {
  std::int64_t branch = 0;
  if (!in_.get_folded(branch))
    return cut_off();
  if (branch < 0 || branch >= static_cast<std::int64_t>(type.parts.size()))
    return refuse(fmt::format("branch {} of a union of {}", branch, type.parts.size()));
  return value(*type.parts[static_cast<std::size_t>(branch)]);
}

/// Those of an array or a map.
bool avro_printer::elements(const avro_type& type) {
  const bool is_map = type.kind == avro_kind::map;
  const auto& inner = *type.parts.front();
  to_.raw(is_map ? '{' : '[');
  std::size_t place = 0;
  for (std::int64_t left = 0;;) {
    if (!block(left, inner))
      return false;
    if (left == 0)
      break;
    for (; left != 0; --left, ++place) {
      if (place != 0)
        to_.raw(',');
      if (is_map ? !entry(inner) : !element(inner, place))
        return false;
    }
  }
  to_.raw(is_map ? '}' : ']');
  return true;
}

bool avro_printer::element(const avro_type& inner, std::size_t place) {
  return value(inner) || within(fmt::format("[{}]", place));
}

bool avro_printer::entry(const avro_type& inner) {
  std::string_view key;
  if (!get_avro_text(in_, key))
    return cut_off();
  write_json_key(to_, key);
  to_.raw(':');
  return value(inner) || within(fmt::format("[\"{}\"]", key));
}

/// How many elements follow; 0: no more. Those that take no bytes have no bound here: the text that they become has.
bool avro_printer::block(std::int64_t& count, const avro_type& inner) {
  std::int64_t bytes = 0;
  if (!in_.get_folded(count) || (count < 0 && !in_.get_folded(bytes)))
    return cut_off();
  const auto said = count;
  const auto size = count < 0 ? -static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  count = static_cast<std::int64_t>(size);
  const bool fits = count >= 0 && (inner.least_bytes == 0 || size <= in_.left() / inner.least_bytes);
  return fits || refuse(fmt::format("there are said to be {} elements, more than can be", said));
}

bool avro_printer::cut_off() { return refuse("the value ends too early, or is no Avro"); }

void avro_printer::write_quoted(std::string_view ascii) {
  to_.raw('"');
  to_.raw(ascii);
  to_.raw('"');
}

void avro_printer::write_date(std::int64_t days) {
  const std::chrono::milliseconds since = std::chrono::days{days};
  const auto text = format_timestamp(timestamp{since});
  has_no_form(text) ? to_.integer(days) : write_quoted(std::string_view{text}.substr(0, text.find('T')));
}

void avro_printer::write_time_of_day(std::int64_t number, std::int64_t in_second, int digits) {
  const auto [seconds, rest] = split(number, in_second);
  if (seconds < 0 || seconds >= 24 * 3600)
    return to_.integer(number);
  write_quoted(fmt::format("{:02}:{:02}:{:02}.{:0{}}", seconds / 3600, seconds / 60 % 60, seconds % 60, rest, digits));
}

void avro_printer::write_timestamp(std::int64_t number, avro_logical what) {
  const bool is_local = what == avro_logical::local_timestamp_millis || what == avro_logical::local_timestamp_micros;
  const bool is_millis = what == avro_logical::timestamp_millis || what == avro_logical::local_timestamp_millis;
  auto text = format_timestamp(from_millis(is_millis ? number : split(number, millis).whole));
  if (has_no_form(text))
    return to_.integer(number);
  text.pop_back(); // the Z
  if (!is_millis)
    text += fmt::format("{:03}", split(number, millis).rest);
  write_quoted(is_local ? text : text + 'Z');
}

} // namespace leat
