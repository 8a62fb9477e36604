#include <leat/base/excerpt.hpp>

#include <leat/base/utf8.hpp>

#include <fmt/format.h>

#include <cstdint>

namespace leat {
namespace {

std::uint32_t code_point(std::string_view sequence) noexcept {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1)
    return lead;
  std::uint32_t code = lead & (0xff >> (sequence.size() + 1));
  for (const char c : sequence.substr(1))
    code = code << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return code;
}

/// Control characters, and those that reorder, hide or break a line of text.
bool is_printable(std::uint32_t c) noexcept {
  return c >= 0x20 && (c < 0x7f || c > 0x9f) && (c < 0x200b || c > 0x200f) && (c < 0x2028 || c > 0x202e) &&
         (c < 0x2060 || c > 0x206f) && c != 0xfeff;
}

} // namespace

std::string excerpt(std::string_view text, std::size_t most) {
  std::string shown;
  while (!text.empty()) {
    if (shown.size() >= most)
      return shown + "…";
    const auto length = utf8_sequence(text);
    if (length != 0 && is_printable(code_point(text.substr(0, length))))
      shown += text.substr(0, length);
    else
      for (const char c : text.substr(0, length == 0 ? 1 : length))
        shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return shown;
}

} // namespace leat
