#include <leat/base/utf8.hpp>

#include <cstdint>
#include <cstring>

namespace leat {

namespace {

constexpr std::size_t word_bytes = sizeof(std::uint64_t);

/// Whether the next eight bytes are ASCII, as most text is.
bool is_ascii_word(const char* text) noexcept {
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

} // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
  if (text.empty())
    return 0;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80)
    return 1;
  const std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                             : (lead & 0xf0) == 0xe0        ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length)
    return 0;
  // The second byte's range keeps out overlong forms, surrogates, and what lies above U+10FFFF.
  const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high)
    return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80)
      return 0;
  return length;
}

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    if (text.size() - i >= word_bytes && is_ascii_word(text.data() + i)) {
      i += word_bytes;
      continue;
    }
    const auto length = utf8_sequence(text.substr(i));
    if (length == 0)
      return i;
    i += length;
  }
  return std::string_view::npos;
}

} // namespace leat
