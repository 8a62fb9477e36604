#pragma once

#include <leat/base/decimal.hpp>
#include <leat/base/time.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace leat {

class json_writer;

/// The types of PostgreSQL that values are sent as, by their object ids, which never change (`pg_type.dat`). The server casts
/// them to those of the columns.
enum class pg_element : std::uint32_t {
  boolean = 16,
  bytes = 17,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  float4 = 700,
  float8 = 701,
  timestamptz = 1184,
  numeric = 1700,
};

/// As SQL names it: "timestamptz".
[[nodiscard]] std::string_view to_string(pg_element type) noexcept;

/// Appends values to bytes as PostgreSQL's binary format has them (its `…_send` functions): each behind its length, which is 32 bits,
/// all numbers big-endian.
class pg_value_writer {
public:
  explicit pg_value_writer(std::string& to) noexcept : to_{&to} {}

  void null() { big_endian(std::int32_t{-1}); }

  /// A number of as many bytes, an integer or a float.
  template <class Number>
  void number(Number n) {
    big_endian(static_cast<std::int32_t>(sizeof n));
    big_endian(n);
  }

  void boolean(bool value) { number(static_cast<std::uint8_t>(value)); }
  void text(std::string_view bytes); ///< likewise bytes; less than 2 GB
  void time(timestamp t);            ///< as `timestamptz`
  void numeric(const decimal& d);

  /// Only the bytes, without a length.
  template <class Number>
  void big_endian(Number n) {
    static_assert(std::is_arithmetic_v<Number>);
    char bytes[sizeof n];
    std::memcpy(bytes, &n, sizeof n);
    if constexpr (std::endian::native == std::endian::little)
      for (std::size_t i = 0; i < sizeof n / 2; ++i)
        std::swap(bytes[i], bytes[sizeof n - 1 - i]);
    to_->append(bytes, sizeof n);
  }

private:
  std::string* to_;
};

/// A value of such bytes.
struct pg_value {
  bool null = false;
  std::string_view bytes;
};

/// Takes values from the front of such bytes.
class pg_value_reader {
public:
  explicit pg_value_reader(std::string_view bytes) noexcept : rest_{bytes} {}

  /// @throws state_error when the bytes end too early.
  [[nodiscard]] pg_value next();

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

private:
  std::string_view rest_;
};

/// An integer of two, four or eight bytes, or a `timestamptz`: what versions are compared by.
/// @throws state_error when it has another number of bytes.
[[nodiscard]] std::int64_t pg_integer(std::string_view bytes);

/// Bytes as PostgreSQL writes and reads them in text: `\x6869`.
[[nodiscard]] std::string hexadecimal(std::string_view bytes);

/// The value as JSON, for people: numbers as numbers, times as text, bytes as hexadecimal digits in text.
void write_as_json(pg_element type, const pg_value& value, json_writer& to);

} // namespace leat
