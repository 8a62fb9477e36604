#include <leat/connectors/formats/json/json_number.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace leat::json_number {
namespace {

constexpr auto scalar_ends = [] {
  std::array<bool, 256> ends{};
  for (const char c : {',', ']', '}', ' ', '\t', '\n', '\r'})
    ends[static_cast<unsigned char>(c)] = true;
  return ends;
}();

bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') <= 9; }

/// A number taken apart: (-1)^negative * mantissa * 10^exponent, where the mantissa is exact when it has at most 19 digits.
struct parts {
  const char* end = nullptr; ///< behind the number; null when there is none
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
  std::int64_t digits = 0; ///< before and behind the point, leading zeros included
  bool negative = false;
  bool integer = true; ///< neither fraction nor exponent
};

const char* read_digits(const char* p, parts& n) noexcept {
  const char* const first = p;
  auto mantissa = n.mantissa;
  for (; is_digit(*p); ++p)
    mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
  n.mantissa = mantissa;
  n.digits += p - first;
  return p;
}

const char* read_exponent(const char* p, parts& n) noexcept {
  const bool minus = *p == '-';
  if (minus || *p == '+')
    ++p;
  if (!is_digit(*p))
    return nullptr;
  std::int64_t exponent = 0;
  for (; is_digit(*p); ++p)
    if (exponent < 1'000'000'000) // no document has as many digits as would bring a larger exponent back into range
      exponent = exponent * 10 + (*p - '0');
  n.exponent += minus ? -exponent : exponent;
  return p;
}

parts take_apart(const char* p) noexcept {
  parts n;
  n.negative = *p == '-';
  p += n.negative;
  if (!is_digit(*p) || (*p == '0' && is_digit(p[1])))
    return n;
  p = read_digits(p, n);
  if (*p == '.') {
    n.integer = false;
    const char* const fraction = p + 1;
    p = read_digits(fraction, n);
    n.exponent = fraction - p;
    if (p == fraction)
      return n;
  }
  if (*p == 'e' || *p == 'E') {
    n.integer = false;
    p = read_exponent(p + 1, n);
    if (p == nullptr)
      return n;
  }
  n.end = ends_scalar(*p) ? p : nullptr;
  return n;
}

/// Whether a number that is not zero is 1 or more.
bool is_large(const char* text, const parts& n) noexcept {
  std::int64_t significant = 0;
  for (const char* p = text; p != n.end && *p != 'e' && *p != 'E'; ++p)
    significant += is_digit(*p) && (*p != '0' || significant != 0);
  return significant + n.exponent > 0;
}

template <class Float>
outcome read_slowly(const char* text, const parts& n, Float& out) noexcept {
  const auto [end, error] = std::from_chars(text, n.end, out);
  if (error == std::errc{} && end == n.end && std::isfinite(out))
    return outcome::ok;
  if (is_large(text, n))
    return outcome::out_of_range;
  out = n.negative ? -Float{0} : Float{0};
  return outcome::ok;
}

outcome read_magnitude(const char* text, bool& negative, std::uint64_t& magnitude) noexcept {
  negative = *text == '-';
  const char* const first = text + negative;
  const char* p = first;
  magnitude = 0;
  for (; is_digit(*p); ++p)
    magnitude = magnitude * 10 + static_cast<std::uint64_t>(*p - '0');
  const auto digits = p - first;
  if (digits == 0 || !ends_scalar(*p) || (*first == '0' && digits > 1))
    return is_number(text) ? outcome::not_integer : outcome::malformed;
  // 20 digits may have wrapped around: those that have not start with 1 and are at least 10^19.
  if (digits > 20 || (digits == 20 && (*first != '1' || magnitude < 10'000'000'000'000'000'000U)))
    return outcome::out_of_range;
  return outcome::ok;
}

} // namespace

bool ends_scalar(char c) noexcept { return scalar_ends[static_cast<unsigned char>(c)]; }

outcome read_int64(const char* text, std::int64_t& out) noexcept {
  bool negative = false;
  std::uint64_t magnitude = 0;
  if (const auto read = read_magnitude(text, negative, magnitude); read != outcome::ok)
    return read;
  if (magnitude > (std::uint64_t{1} << 63) - (negative ? 0 : 1))
    return outcome::out_of_range;
  out = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return outcome::ok;
}

outcome read_uint64(const char* text, std::uint64_t& out) noexcept {
  bool negative = false;
  if (const auto read = read_magnitude(text, negative, out); read != outcome::ok)
    return read;
  return negative && out != 0 ? outcome::out_of_range : outcome::ok;
}

outcome read_double(const char* text, double& out) noexcept {
  const auto n = take_apart(text);
  if (n.end == nullptr)
    return outcome::malformed;
  // Clinger 1990, "How to read floating point numbers accurately": mantissa and power of ten are both exact doubles, so
  // one rounded operation gives the nearest one.
  constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (n.digits > 19 || n.mantissa > std::uint64_t{1} << 53 || n.exponent < -22 || n.exponent > 22)
    return read_slowly(text, n, out);
  auto value = static_cast<double>(static_cast<std::int64_t>(n.mantissa));
  value = n.exponent < 0 ? value / powers[-n.exponent] : value * powers[n.exponent];
  out = n.negative ? -value : value;
  return outcome::ok;
}

outcome read_float(const char* text, float& out) noexcept {
  const auto n = take_apart(text);
  return n.end == nullptr ? outcome::malformed : read_slowly(text, n, out);
}

bool is_number(const char* text) noexcept { return take_apart(text).end != nullptr; }

} // namespace leat::json_number
