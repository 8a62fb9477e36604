#include <leat/connectors/postgres/pg_value.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/json/encoded_json.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace leat {

namespace {

// PostgreSQL counts time from the year 2000, in microseconds.
constexpr std::int64_t epoch_millis = 946'684'800'000;

constexpr int digits_per_group = 4; // of `numeric`: base 10000

constexpr std::uint16_t numeric_negative = 0x4000;

template <class Number>
Number native(std::string_view bytes) {
  if (bytes.size() != sizeof(Number))
    throw state_error{fmt::format("a value of PostgreSQL has {} bytes, not {}", bytes.size(), sizeof(Number))};
  char turned[sizeof(Number)];
  std::copy(bytes.begin(), bytes.end(), turned);
  if constexpr (std::endian::native == std::endian::little)
    std::reverse(turned, turned + sizeof turned);
  Number n;
  std::memcpy(&n, turned, sizeof n);
  return n;
}

/// Groups of four digits, the sign, and digits behind the point: as text.
std::string numeric_text(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return native<std::int16_t>(bytes.substr(2 * i, 2)); };
  if (bytes.size() < 8)
    throw state_error{"a numeric of PostgreSQL is cut off"};
  const int groups = at(0), weight = at(1), scale = at(3);
  const bool negative = static_cast<std::uint16_t>(at(2)) == numeric_negative;
  const auto group = [&](int power) { // the one that counts 10000^power
    const int index = weight - power;
    return index >= 0 && index < groups ? static_cast<int>(at(4 + static_cast<std::size_t>(index))) : 0;
  };
  std::string whole, fraction;
  for (int power = std::max(weight, 0); power >= 0; --power)
    whole += fmt::format("{:04}", group(power));
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  for (int power = -1; static_cast<int>(fraction.size()) < scale; --power)
    fraction += fmt::format("{:04}", group(power));
  fraction.resize(static_cast<std::size_t>(scale));
  return fmt::format("{}{}{}{}", negative ? "-" : "", whole, scale > 0 ? "." : "", fraction);
}

template <class Float>
void write_float(Float value, json_writer& to) {
  if (!to.number(value))
    write_json_text(to, fmt::format("{}", value)); // NaN, infinities
}

} // namespace

std::string_view to_string(pg_element type) noexcept {
  switch (type) {
  case pg_element::boolean:
    return "bool";
  case pg_element::bytes:
    return "bytea";
  case pg_element::int8:
    return "int8";
  case pg_element::int2:
    return "int2";
  case pg_element::int4:
    return "int4";
  case pg_element::text:
    return "text";
  case pg_element::float4:
    return "float4";
  case pg_element::float8:
    return "float8";
  case pg_element::timestamptz:
    return "timestamptz";
  case pg_element::numeric:
    return "numeric";
  }
  return "?";
}

void pg_value_writer::text(std::string_view bytes) {
  big_endian(static_cast<std::int32_t>(bytes.size()));
  to_->append(bytes);
}

void pg_value_writer::time(timestamp t) { number((to_millis(t) - epoch_millis) * 1000); }

/// Header of groups, weight of the first, sign and scale, then the groups; zeros at both ends are left out.
void pg_value_writer::numeric(const decimal& d) {
  const decimal_text text{d};
  auto digits = text.view();
  const bool negative = digits.front() == '-';
  digits.remove_prefix(negative ? 1 : 0);
  const auto scale = static_cast<std::size_t>(d.scale());
  const auto whole = digits.substr(0, digits.find('.'));
  std::string padded((digits_per_group - whole.size() % digits_per_group) % digits_per_group, '0');
  padded += whole;
  int weight = static_cast<int>(padded.size()) / digits_per_group - 1;
  if (scale > 0)
    padded += digits.substr(whole.size() + 1);
  padded.append((digits_per_group - padded.size() % digits_per_group) % digits_per_group, '0');
  std::string_view rest = padded;
  const auto is_zero = [](std::string_view group) { return group.find_first_not_of('0') == group.npos; };
  for (; !rest.empty() && is_zero(rest.substr(0, digits_per_group)); --weight)
    rest.remove_prefix(digits_per_group);
  while (!rest.empty() && is_zero(rest.substr(rest.size() - digits_per_group)))
    rest.remove_suffix(digits_per_group);
  if (rest.empty())
    weight = 0;
  const auto groups = rest.size() / digits_per_group;
  big_endian(static_cast<std::int32_t>(2 * (4 + groups)));
  big_endian(static_cast<std::int16_t>(groups));
  big_endian(static_cast<std::int16_t>(weight));
  big_endian(static_cast<std::uint16_t>(negative && groups > 0 ? numeric_negative : 0));
  big_endian(static_cast<std::int16_t>(scale));
  for (; !rest.empty(); rest.remove_prefix(digits_per_group)) {
    std::int16_t group = 0;
    for (int i = 0; i < digits_per_group; ++i)
      group = static_cast<std::int16_t>(group * 10 + (rest[static_cast<std::size_t>(i)] - '0'));
    big_endian(group);
  }
}

pg_value pg_value_reader::next() {
  if (rest_.size() < 4)
    throw state_error{"a row for PostgreSQL is cut off"};
  const auto size = native<std::int32_t>(rest_.substr(0, 4));
  rest_.remove_prefix(4);
  if (size < 0)
    return {true, {}};
  if (static_cast<std::size_t>(size) > rest_.size())
    throw state_error{"a row for PostgreSQL is cut off"};
  const auto bytes = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(bytes.size());
  return {false, bytes};
}

std::int64_t pg_integer(std::string_view bytes) {
  switch (bytes.size()) {
  case 2:
    return native<std::int16_t>(bytes);
  case 4:
    return native<std::int32_t>(bytes);
  default:
    return native<std::int64_t>(bytes);
  }
}

std::string hexadecimal(std::string_view bytes) {
  std::string text = "\\x";
  for (const char c : bytes)
    text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

void write_as_json(pg_element type, const pg_value& value, json_writer& to) {
  if (value.null)
    return to.raw("null");
  switch (type) {
  case pg_element::boolean:
    return to.raw(value.bytes == std::string_view{"\1", 1} ? "true" : "false");
  case pg_element::int2:
  case pg_element::int4:
  case pg_element::int8:
    return to.integer(pg_integer(value.bytes));
  case pg_element::float4:
    return write_float(native<float>(value.bytes), to);
  case pg_element::float8:
    return write_float(native<double>(value.bytes), to);
  case pg_element::numeric:
    return to.raw(numeric_text(value.bytes));
  case pg_element::timestamptz:
    return write_json_text(to, format_timestamp(from_millis(pg_integer(value.bytes) / 1000 + epoch_millis)));
  case pg_element::text:
    return write_json_text(to, value.bytes);
  case pg_element::bytes:
    return write_json_text(to, hexadecimal(value.bytes));
  }
}

} // namespace leat
