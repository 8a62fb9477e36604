#include <leat/base/value_text.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
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
void print_number(std::string& to, float n) { fmt::format_to(std::back_inserter(to), "{}", n); }
void print_number(std::string& to, double n) { fmt::format_to(std::back_inserter(to), "{}", n); }

void print_span(std::string& to, std::string_view count, std::intmax_t num, std::intmax_t den) {
  struct unit {
    std::intmax_t num, den;
    const char* name;
  };
  constexpr unit units[] = {{1, 1'000'000'000, "ns"}, {1, 1'000'000, "us"}, {1, 1'000, "ms"}, {1, 1, "s"},
                            {60, 1, "min"},           {3'600, 1, "h"},      {86'400, 1, "d"}};
  to += count;
  for (const auto& u : units)
    if (u.num == num && u.den == den)
      return void(to += u.name);
  fmt::format_to(std::back_inserter(to), "[{}/{}]s", num, den); // as the standard library has it
}

void print_parts(std::string& to, std::span<const printed_part> parts, char open, char close) {
  element_list elements{to, open, false};
  for (const auto& part : parts) {
    auto& text = elements.next();
    if (!part.name.empty())
      (text += part.name) += ": ";
    part.print(text, part.value);
  }
  elements.end(close);
}

std::string& element_list::next() {
  if (sorted_)
    return texts_.emplace_back();
  if (size_++ != 0)
    to_ += ", ";
  return to_;
}

void element_list::end(char close) {
  std::sort(texts_.begin(), texts_.end());
  fmt::format_to(std::back_inserter(to_), "{}{}", fmt::join(texts_, ", "), close);
}

} // namespace detail

} // namespace leat
