#include <leat/base/value_text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>

namespace leat {

void print_bytes(std::string& to, std::string_view bytes) {
  to += "0x";
  for (const auto c : bytes)
    fmt::format_to(std::back_inserter(to), "{:02x}", static_cast<unsigned char>(c));
}

namespace detail {

void print_text(std::string& to, std::string_view text) {
  to += '"';
  for (const auto c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
      fmt::format_to(std::back_inserter(to), "\\x{:02x}", static_cast<unsigned char>(c));
    else if (c == '"' || c == '\\')
      (to += '\\') += c;
    else
      to += c;
  to += '"';
}

void print_number(std::string& to, std::int64_t n) { to += fmt::to_string(n); }
void print_number(std::string& to, std::uint64_t n) { to += fmt::to_string(n); }
void print_number(std::string& to, double n) { fmt::format_to(std::back_inserter(to), "{}", n); }

void print_list(std::string& to, const std::vector<std::string>& parts, char open, char close) {
  fmt::format_to(std::back_inserter(to), "{}{}{}", open, fmt::join(parts, ", "), close);
}

} // namespace detail

} // namespace leat
