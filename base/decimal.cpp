#include <leat/base/decimal.hpp>

#include <leat/base/bytes.hpp>

#include <boost/multiprecision/cpp_int.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>
#include <stdexcept>

namespace leat {

namespace {

using int128 = decimal::int128;
__extension__ using uint128 = unsigned __int128;

// What lies between: products have up to 76 digits, dividends up to 114.
using wide = boost::multiprecision::int512_t;

constexpr int max_digits = decimal::max_digits;

constexpr auto powers_of_ten = [] {
  std::array<uint128, max_digits + 1> all{};
  all[0] = 1;
  for (std::size_t i = 1; i < all.size(); ++i)
    all[i] = all[i - 1] * 10;
  return all;
}();

constexpr uint128 power_of_ten(int n) { return powers_of_ten[static_cast<std::size_t>(n)]; }

constexpr uint128 magnitude(int128 n) noexcept { return n < 0 ? -static_cast<uint128>(n) : static_cast<uint128>(n); }

constexpr bool has_room(int128 unscaled) noexcept { return magnitude(unscaled) < power_of_ten(max_digits); }

std::overflow_error overflow() {
  return std::overflow_error{
    fmt::format("a decimal needs more than {} digits: round it, or keep fewer behind the point", max_digits)};
}

wide wide_power_of_ten(int n) { return boost::multiprecision::pow(wide{10}, static_cast<unsigned>(n)); }

/// `unscaled / 10^scale`, without zeros at the end that it has no room for.
decimal fitted(wide unscaled, int scale) {
  static const wide limit = wide_power_of_ten(max_digits);
  while (scale > 0 && (scale > max_digits || abs(unscaled) >= limit) && unscaled % 10 == 0) {
    unscaled /= 10;
    --scale;
  }
  if (scale > max_digits || abs(unscaled) >= limit)
    throw overflow();
  return decimal::of(static_cast<int128>(unscaled), scale);
}

template <class Integer>
Integer rounded_quotient(const Integer& dividend, const Integer& divisor, rounding how) {
  Integer quotient = dividend / divisor;
  const Integer rest = dividend % divisor;
  if (how == rounding::down || rest == 0)
    return quotient;
  const Integer positive_rest = rest < 0 ? Integer{-rest} : rest;
  const Integer positive_divisor = divisor < 0 ? Integer{-divisor} : divisor;
  const Integer missing = positive_divisor - positive_rest;
  const bool away =
    positive_rest > missing || (positive_rest == missing && (how == rounding::half_up || quotient % 2 != 0));
  if (away)
    quotient += (dividend < 0) == (divisor < 0) ? 1 : -1;
  return quotient;
}

bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') <= 9; }

/// A text taken apart: (-1)^negative * mantissa * 10^exponent.
struct parts {
  uint128 mantissa = 0;      ///< of the first 38 digits from the first that is not zero
  std::int64_t exponent = 0; ///< of the last of these
  bool negative = false;
  bool exact = true; ///< whether all digits behind those are zeros
};

class digit_reader {
public:
  explicit digit_reader(std::string_view text) noexcept : at_{text.data()}, end_{text.data() + text.size()} {}

  bool read(parts& n) noexcept {
    if (at_ != end_ && (*at_ == '-' || *at_ == '+'))
      n.negative = *at_++ == '-';
    auto digits = read_digits(n);
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      const auto fraction = read_digits(n);
      n.exponent -= fraction;
      digits += fraction;
    }
    return digits != 0 && (at_ == end_ || read_exponent(n)) && at_ == end_;
  }

private:
  /// Reads digits and says how many. Those behind the 38th that counts only move the point.
  std::int64_t read_digits(parts& n) noexcept {
    const char* const first = at_;
    auto mantissa = static_cast<std::uint64_t>(n.mantissa);
    if (n.mantissa == mantissa)
      for (; at_ != end_ && is_digit(*at_) && mantissa < 1'000'000'000'000'000'000U; ++at_)
        mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at_ - '0');
    if (n.mantissa >> 64 == 0)
      n.mantissa = mantissa;
    for (; at_ != end_ && is_digit(*at_); ++at_) {
      if (n.mantissa < power_of_ten(max_digits - 1)) {
        n.mantissa = n.mantissa * 10 + static_cast<unsigned>(*at_ - '0');
      } else {
        n.exact = n.exact && *at_ == '0';
        ++n.exponent;
      }
    }
    return at_ - first;
  }

  bool read_exponent(parts& n) noexcept {
    if (*at_ != 'e' && *at_ != 'E')
      return false;
    ++at_;
    const bool minus = at_ != end_ && *at_ == '-';
    if (at_ != end_ && (*at_ == '-' || *at_ == '+'))
      ++at_;
    if (at_ == end_ || !is_digit(*at_))
      return false;
    std::int64_t exponent = 0;
    for (; at_ != end_ && is_digit(*at_); ++at_)
      if (exponent < 1'000'000'000'000) // no text has as many digits as would bring a larger one back into range
        exponent = exponent * 10 + (*at_ - '0');
    n.exponent += minus ? -exponent : exponent;
    return true;
  }

  const char* at_;
  const char* end_;
};

/// Moves the point to where a decimal can have it.
/// @returns whether there is such a place.
bool settle(parts& n) noexcept {
  if (n.mantissa == 0) {
    n.exponent = std::clamp<std::int64_t>(n.exponent, -max_digits, 0);
    return true;
  }
  for (; n.exponent > 0 && n.mantissa < power_of_ten(max_digits - 1); --n.exponent)
    n.mantissa *= 10;
  for (; n.exponent < -max_digits && n.mantissa % 10 == 0; ++n.exponent)
    n.mantissa /= 10;
  return n.exact && n.exponent <= 0 && n.exponent >= -max_digits;
}

/// The digits of a number, the last at the end of `buffer`; nothing for 0.
std::string_view digits_of(uint128 n, std::array<char, max_digits + 1>& buffer) noexcept {
  auto* const end = buffer.data() + buffer.size();
  auto* at = end;
  for (; n >> 64 != 0; n /= 10)
    *--at = static_cast<char>('0' + static_cast<int>(n % 10));
  for (auto rest = static_cast<std::uint64_t>(n); rest != 0; rest /= 10)
    *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
  return {at, static_cast<std::size_t>(end - at)};
}

} // namespace

decimal::decimal(std::string_view text) {
  if (const auto outcome = parse(text, *this); outcome != decimal_outcome::ok)
    throw std::invalid_argument{
      outcome == decimal_outcome::malformed
        ? fmt::format("`{}` is no number", text)
        : fmt::format("`{}` has more than the {} digits of a decimal", text, max_digits)};
}

decimal decimal::of(int128 unscaled, int scale) {
  if (!fits(unscaled, scale))
    throw overflow();
  return {unscaled, scale, unchecked{}};
}

bool decimal::fits(int128 unscaled, int scale) noexcept { return scale >= 0 && scale <= max_digits && has_room(unscaled); }

decimal_outcome decimal::parse(std::string_view text, decimal& out) noexcept {
  parts n;
  if (!digit_reader{text}.read(n))
    return decimal_outcome::malformed;
  if (!settle(n))
    return decimal_outcome::too_many_digits;
  const auto unscaled = static_cast<int128>(n.mantissa);
  out = {n.negative ? -unscaled : unscaled, static_cast<int>(-n.exponent), unchecked{}};
  return decimal_outcome::ok;
}

int decimal::digits() const noexcept {
  const auto above = std::upper_bound(powers_of_ten.begin(), powers_of_ten.end(), magnitude(unscaled()));
  return std::max(1, static_cast<int>(above - powers_of_ten.begin()));
}

decimal decimal::round(int scale, rounding how) const {
  if (scale < 0 || scale > max_digits)
    throw overflow();
  if (scale >= scale_) {
    const auto factor = power_of_ten(scale - scale_);
    if (magnitude(unscaled()) > (power_of_ten(max_digits) - 1) / factor)
      throw overflow();
    return {unscaled() * static_cast<int128>(factor), scale, unchecked{}};
  }
  return {rounded_quotient(unscaled(), static_cast<int128>(power_of_ten(scale_ - scale)), how), scale, unchecked{}};
}

decimal decimal::divide(const decimal& by, int scale, rounding how) const {
  if (by.unscaled() == 0)
    throw std::domain_error{"a decimal is divided by zero"};
  if (scale < 0 || scale > max_digits)
    throw overflow();
  const int shift = scale + by.scale_ - scale_;
  wide dividend{unscaled()}, divisor{by.unscaled()};
  (shift < 0 ? divisor : dividend) *= wide_power_of_ten(shift < 0 ? -shift : shift);
  const wide quotient = rounded_quotient(dividend, divisor, how);
  if (abs(quotient) >= wide_power_of_ten(max_digits))
    throw overflow();
  return {static_cast<int128>(quotient), scale, unchecked{}};
}

decimal& decimal::operator+=(const decimal& other) {
  const int scale = std::max(scale_, other.scale_);
  int128 left = unscaled(), right = other.unscaled(), quick = 0;
  const auto factor = static_cast<int128>(power_of_ten(std::abs(scale_ - other.scale_)));
  const bool aligned = scale_ == other.scale_ || !(scale_ < other.scale_ ? __builtin_mul_overflow(left, factor, &left)
                                                                         : __builtin_mul_overflow(right, factor, &right));
  if (aligned && !__builtin_add_overflow(left, right, &quick) && has_room(quick))
    return *this = {quick, scale, unchecked{}};
  const wide sum =
    wide{unscaled()} * wide_power_of_ten(scale - scale_) + wide{other.unscaled()} * wide_power_of_ten(scale - other.scale_);
  return *this = fitted(sum, scale);
}

decimal& decimal::operator-=(const decimal& other) { return *this += -other; }

decimal& decimal::operator*=(const decimal& other) {
  int128 product = 0;
  const int scale = scale_ + other.scale_;
  if (!__builtin_mul_overflow(unscaled(), other.unscaled(), &product) && has_room(product) && scale <= max_digits)
    return *this = {product, scale, unchecked{}};
  return *this = fitted(wide{unscaled()} * wide{other.unscaled()}, scale);
}

std::weak_ordering operator<=>(const decimal& a, const decimal& b) noexcept {
  const auto left = a.unscaled(), right = b.unscaled();
  if (a.scale() == b.scale())
    return left <=> right;
  int128 scaled = 0;
  const auto factor = static_cast<int128>(power_of_ten(std::abs(a.scale() - b.scale())));
  if (a.scale() < b.scale())
    return __builtin_mul_overflow(left, factor, &scaled) ? left <=> int128{0} : scaled <=> right;
  return __builtin_mul_overflow(right, factor, &scaled) ? int128{0} <=> right : left <=> scaled;
}

decimal::operator double() const noexcept {
  std::array<char, max_text> text;
  double nearest = 0;
  std::from_chars(text.data(), write(text.data()), nearest);
  return nearest;
}

char* decimal::write(char* to) const noexcept {
  std::array<char, max_digits + 1> buffer;
  const auto digits = digits_of(magnitude(unscaled()), buffer);
  if (high_ < 0)
    *to++ = '-';
  const auto behind = std::min<std::size_t>(digits.size(), scale_);
  const auto before = digits.size() - behind;
  if (before == 0)
    *to++ = '0';
  to = std::copy_n(digits.data(), before, to);
  if (scale_ == 0)
    return to;
  *to++ = '.';
  to = std::fill_n(to, scale_ - behind, '0');
  return std::copy_n(digits.data() + before, behind, to);
}

void decimal::encode(byte_writer& to) const {
  to.unsigned_number(scale_);
  const auto n = unscaled();
  auto folded = (static_cast<uint128>(n) << 1) ^ static_cast<uint128>(n >> 127);
  for (; folded >= 0x80; folded >>= 7)
    to.fixed(static_cast<std::uint8_t>(folded | 0x80));
  to.fixed(static_cast<std::uint8_t>(folded));
}

void decimal::decode(byte_reader& from) {
  const auto scale = from.unsigned_number();
  uint128 folded = 0;
  unsigned shift = 0;
  std::uint8_t byte = 0x80;
  for (; (byte & 0x80) != 0 && shift < 128; shift += 7) {
    byte = from.fixed<std::uint8_t>();
    folded |= static_cast<uint128>(byte & 0x7f) << shift;
  }
  const auto n = static_cast<int128>(folded >> 1) ^ -static_cast<int128>(folded & 1);
  const bool cut_off = shift > 128 && byte > 3; // of the last group only two bits are bits of the number
  if ((byte & 0x80) != 0 || cut_off || scale > max_digits || !has_room(n))
    throw state_error{"a saved decimal has more digits than there are: the saved state is damaged, or of another type"};
  *this = {n, static_cast<int>(scale), unchecked{}};
}

std::string to_string(const decimal& d) { return std::string{decimal_text{d}.view()}; }

std::ostream& operator<<(std::ostream& to, const decimal& d) { return to << decimal_text{d}.view(); }

} // namespace leat
