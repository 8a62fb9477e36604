#include <leat/connectors/formats/json/json_text.hpp>

#include <cstdint>

namespace leat::json_text {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | c >> 6));
  } else {
    if (c < 0x10000) {
      out.push_back(static_cast<char>(0xe0 | c >> 12));
    } else {
      out.push_back(static_cast<char>(0xf0 | c >> 18));
      out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3f)));
    }
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
  }
  out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
}

bool hex4(std::string_view text, std::uint32_t& out) noexcept {
  if (text.size() < 4)
    return false;
  out = 0;
  for (const char c : text.substr(0, 4)) {
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<std::uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<std::uint32_t>(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
      digit = static_cast<std::uint32_t>(c - 'A') + 10;
    else
      return false;
    out = out << 4 | digit;
  }
  return true;
}

constexpr const char* half_pair = "a \\u escape is half of a surrogate pair";

/// Reads what follows `\u` and removes it from `rest`.
const char* read_unicode_escape(std::string_view& rest, std::uint32_t& code) noexcept {
  if (!hex4(rest, code))
    return "a \\u escape needs four hexadecimal digits";
  rest.remove_prefix(4);
  if (code < 0xd800 || code > 0xdfff)
    return nullptr;
  std::uint32_t low = 0;
  if (code > 0xdbff || !rest.starts_with("\\u") || !hex4(rest.substr(2), low) || low < 0xdc00 || low > 0xdfff)
    return half_pair;
  rest.remove_prefix(6);
  code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  return nullptr;
}

/// The character that `\` and `c` stand for; 0 when there is no such escape.
char simple_escape(char c) noexcept {
  switch (c) {
  case '"':
  case '\\':
  case '/':
    return c;
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return 0;
  }
}

template <class Copy, class Put>
const char* walk_escapes(std::string_view rest, Copy copy, Put put) {
  for (;;) {
    const auto plain = rest.find('\\');
    copy(rest.substr(0, plain));
    if (plain == rest.npos)
      return nullptr;
    rest.remove_prefix(plain + 1);
    const char kind = rest.empty() ? '\0' : rest.front();
    rest.remove_prefix(rest.empty() ? 0 : 1);
    std::uint32_t code = 0;
    if (kind == 'u') {
      if (const char* wrong = read_unicode_escape(rest, code))
        return wrong;
    } else if (const char simple = simple_escape(kind)) {
      code = static_cast<unsigned char>(simple);
    } else {
      return "a backslash is followed by none of \" \\ / b f n r t u";
    }
    put(code);
  }
}

} // namespace

const char* unescape(std::string_view raw, std::string& out) {
  out.clear();
  return walk_escapes(
    raw, [&](std::string_view plain) { out += plain; }, [&](std::uint32_t code) { append_utf8(out, code); });
}

const char* check_escapes(std::string_view raw) {
  return walk_escapes(
    raw, [](std::string_view) {}, [](std::uint32_t) {});
}

} // namespace leat::json_text
