#include <leat/connectors/formats/json/json_writer.hpp>

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace leat {
namespace {

constexpr std::size_t number_bytes = 32; // the longest double is "-2.2250738585072014e-308"

/// Whether any of eight bytes is not plain ASCII text: the high bit set, below a space, `"` or `\`. May only err on the
/// safe side. (Mycroft 1987: a byte is below n when subtracting n borrows.)
bool needs_care(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t each = 0x0101'0101'0101'0101;
  constexpr std::uint64_t high = each * 0x80;
  const auto quotes = bytes ^ (each * '"');
  const auto backslashes = bytes ^ (each * '\\');
  return ((bytes | (bytes - each * 0x20) | (quotes - each) | (backslashes - each)) & high) != 0;
}

std::uint64_t load(const char* from) noexcept {
  std::uint64_t bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

bool is_plain(char c) noexcept { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

/// The character behind the backslash of a short escape; 0 when `c` has none.
char short_escape(char c) noexcept {
  switch (c) {
  case '"':
  case '\\':
    return c;
  case '\b':
    return 'b';
  case '\f':
    return 'f';
  case '\n':
    return 'n';
  case '\r':
    return 'r';
  case '\t':
    return 't';
  default:
    return '\0';
  }
}

/// Most amounts have at most two digits behind the point. Then value = n / 100 for an integer n below 10^15, and these
/// digits are the only ones of at most 15 that read back as the value, so they are the shortest. Five times as quick as
/// the general way.
char* write_hundredths(double magnitude, char* to) noexcept {
  const auto n = std::llround(magnitude * 100);
  if (static_cast<double>(n) / 100 != magnitude)
    return nullptr;
  to = std::to_chars(to, to + number_bytes, n / 100).ptr;
  if (const auto fraction = n % 100; fraction != 0) {
    *to++ = '.';
    *to++ = static_cast<char>('0' + fraction / 10);
    if (fraction % 10 != 0)
      *to++ = static_cast<char>('0' + fraction % 10);
  }
  return to;
}

template <class Float>
char* write_number(Float value, char* to) noexcept {
  if (std::signbit(value)) {
    *to++ = '-';
    value = -value;
    if (value == 0)
      return std::copy_n("0.0", 3, to);
  }
  if constexpr (sizeof(Float) == sizeof(double))
    if (value < 1e13)
      if (char* const end = write_hundredths(value, to))
        return end;
  return std::to_chars(to, to + number_bytes, value).ptr;
}

} // namespace

bool json_writer::string(std::string_view text) {
  char* to = room(text.size() + 2 + sizeof(std::uint64_t));
  *to++ = '"';
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= text.size(); i += sizeof(std::uint64_t)) {
    const auto bytes = load(text.data() + i);
    if (needs_care(bytes))
      break;
    std::memcpy(to + i, &bytes, sizeof bytes);
  }
  for (; i < text.size() && is_plain(text[i]) && static_cast<signed char>(text[i]) >= 0; ++i)
    to[i] = text[i];
  size_ += i + 1;
  if (i != text.size() && !escaped(text.substr(i)))
    return false;
  raw('"');
  return true;
}

/// Writes what may need escapes, one run of plain bytes at a time.
bool json_writer::escaped(std::string_view rest) {
  constexpr char hex[] = "0123456789abcdef";
  if (!simdjson::validate_utf8(rest.data(), rest.size()))
    return false;
  for (;;) {
    const auto plain = std::find_if_not(rest.begin(), rest.end(), is_plain);
    raw({rest.begin(), plain});
    rest.remove_prefix(static_cast<std::size_t>(plain - rest.begin()));
    if (rest.empty())
      return true;
    const char c = rest.front();
    const char kind = short_escape(c);
    const char escape[] = {'\\', kind == '\0' ? 'u' : kind, '0', '0', hex[c >> 4], hex[c & 15]};
    raw({escape, kind == '\0' ? sizeof escape : 2});
    rest.remove_prefix(1);
  }
}

void json_writer::integer(std::int64_t value) {
  char* const to = room(number_bytes);
  size_ += static_cast<std::size_t>(std::to_chars(to, to + number_bytes, value).ptr - to);
}

void json_writer::unsigned_integer(std::uint64_t value) {
  char* const to = room(number_bytes);
  size_ += static_cast<std::size_t>(std::to_chars(to, to + number_bytes, value).ptr - to);
}

bool json_writer::number(double value) {
  char* const to = room(2 * number_bytes);
  if (!std::isfinite(value))
    return false;
  size_ += static_cast<std::size_t>(write_number(value, to) - to);
  return true;
}

bool json_writer::number(float value) {
  char* const to = room(2 * number_bytes);
  if (!std::isfinite(value))
    return false;
  size_ += static_cast<std::size_t>(write_number(value, to) - to);
  return true;
}

void json_writer::grow(std::size_t bytes) {
  const auto capacity = std::max(capacity_ * 2, size_ + bytes);
  auto larger = std::make_unique<char[]>(capacity);
  if (size_ != 0)
    std::memcpy(larger.get(), buffer_.get(), size_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

} // namespace leat
