#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>

namespace leat {

class byte_reader;
class byte_writer;

/// What becomes of the digits that a number has no room for.
enum class rounding : std::uint8_t {
  half_up,   ///< to the nearest, from the middle away from zero: as SQL rounds
  half_even, ///< to the nearest, from the middle to the even digit: as banks round
  down,      ///< towards zero
};

/// What came of reading a decimal.
enum class decimal_outcome : std::uint8_t {
  ok,
  malformed,       ///< not a number
  too_many_digits, ///< a number, but not one of 38 digits, of which all may lie behind the point
};

/// A number of up to 38 decimal digits, exact: money, and whatever else no binary fraction can hold.
///
/// The value is `unscaled() / 10^scale()`. The scale is part of it: 12.50 is written as 12.50, and a sum has as many digits
/// behind the point as the longest of what was added. Comparison is by value: 12.5 equals 12.50. So it is no key: equal
/// ones could be written in different ways.
///
/// `+`, `-` and `*` are exact. A result that has no room in 38 digits first loses zeros at its end, and is an error if that
/// is not enough: nothing is rounded but by `round` and `divide`, which say how.
///
/// Any thread.
class decimal {
public:
  __extension__ using int128 = __int128;

  /// As many as any 127 bits and a sign can hold; those of PostgreSQL's, Flink's and Arrow's largest exact type.
  static constexpr int max_digits = 38;

  /// What `write` needs at most: a sign, "0.", and the digits.
  static constexpr std::size_t max_text = max_digits + 3;

  /// Zero.
  constexpr decimal() noexcept = default;

  template <std::integral Integer>
  requires(!std::is_same_v<Integer, bool> && sizeof(Integer) <= sizeof(std::int64_t)) constexpr decimal(Integer n) noexcept
    : decimal{static_cast<int128>(n), 0, unchecked{}} {}

  /// @param text see `parse`.
  /// @throws std::invalid_argument when it is no number of 38 digits.
  explicit decimal(std::string_view text);

  /// `unscaled / 10^scale`. @throws std::overflow_error when it does not fit.
  [[nodiscard]] static decimal of(int128 unscaled, int scale);

  /// Whether there is such a decimal.
  [[nodiscard]] static bool fits(int128 unscaled, int scale) noexcept;

  /// Reads `[+-]digits[.digits][e[+-]digits]`, where the digits on one side of the point may be missing. Leaves `out` alone
  /// unless `ok`.
  [[nodiscard]] static decimal_outcome parse(std::string_view text, decimal& out) noexcept;

  [[nodiscard]] constexpr int128 unscaled() const noexcept {
    return static_cast<int128>(high_) * (static_cast<int128>(1) << 64) + static_cast<int128>(low_);
  }

  /// How many of its digits lie behind the point: 0 to 38.
  [[nodiscard]] constexpr int scale() const noexcept { return scale_; }

  /// How many digits the unscaled value has, at least 1.
  [[nodiscard]] int digits() const noexcept;

  /// The same with `scale` digits behind the point, zeros added or digits rounded away.
  /// @throws std::overflow_error when it has no room for the zeros.
  [[nodiscard]] decimal round(int scale, rounding how = rounding::half_up) const;

  /// The quotient with `scale` digits behind the point.
  /// @throws std::domain_error when the divisor is zero; std::overflow_error when there is no room.
  [[nodiscard]] decimal divide(const decimal& by, int scale, rounding how = rounding::half_up) const;

  decimal& operator+=(const decimal& other); ///< @throws std::overflow_error
  decimal& operator-=(const decimal& other); ///< @throws std::overflow_error
  decimal& operator*=(const decimal& other); ///< @throws std::overflow_error

  friend decimal operator+(decimal a, const decimal& b) { return a += b; }
  friend decimal operator-(decimal a, const decimal& b) { return a -= b; }
  friend decimal operator*(decimal a, const decimal& b) { return a *= b; }
  [[nodiscard]] constexpr decimal operator-() const noexcept { return {-unscaled(), scale_, unchecked{}}; }

  friend bool operator==(const decimal& a, const decimal& b) noexcept { return (a <=> b) == 0; }
  friend std::weak_ordering operator<=>(const decimal& a, const decimal& b) noexcept;

  /// The nearest double.
  [[nodiscard]] explicit operator double() const noexcept;

  /// Writes the number with all its digits and without an exponent: `-0.50`. JSON reads the same.
  /// @param to has room for `max_text`.
  /// @returns the end of what was written.
  char* write(char* to) const noexcept;

  /// How it is saved; see docs/formats/encoded_types.md.
  void encode(byte_writer& to) const;
  void decode(byte_reader& from); ///< @throws state_error

private:
  struct unchecked {};

  constexpr decimal(int128 unscaled, int scale, unchecked) noexcept
    : low_{static_cast<std::uint64_t>(unscaled)}, high_{static_cast<std::int64_t>(unscaled >> 64)},
      scale_{static_cast<std::uint8_t>(scale)} {}

  // In two halves, so that a record with one needs no more alignment than eight bytes.
  std::uint64_t low_ = 0;
  std::int64_t high_ = 0;
  std::uint8_t scale_ = 0;
};

/// What `decimal::write` writes, for as long as this lives.
class decimal_text {
public:
  explicit decimal_text(const decimal& d) noexcept : size_{static_cast<std::size_t>(d.write(text_) - text_)} {}

  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }

private:
  char text_[decimal::max_text];
  std::size_t size_;
};

/// The same as a string.
[[nodiscard]] std::string to_string(const decimal& d);

std::ostream& operator<<(std::ostream& to, const decimal& d);

} // namespace leat
