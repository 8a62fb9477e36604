#include <leat/pipeline/settings_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace leat {

namespace {

bool is_secret(std::string_view key) {
  constexpr std::string_view marks[] = {"password", "secret", "token", "credential", "jaas", "oauthbearer.config", ".pem"};
  return std::any_of(
    std::begin(marks), std::end(marks), [&](auto mark) { return key.find(mark) != std::string_view::npos; });
}

/// Whether YAML reads the text back as it is, without quotes, also inside a list.
bool is_plain(std::string_view text) {
  constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:+-";
  constexpr std::string_view safe_first = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/";
  return !text.empty() && safe_first.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(safe) == std::string_view::npos && text.back() != ':' && text != "null" && text != "Null" &&
         text != "NULL";
}

std::string yaml_text(std::string_view text) {
  if (is_plain(text))
    return std::string{text};
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      quoted += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\x{:02x}", c);
    else
      quoted += c;
  }
  return quoted + '"';
}

std::string yaml_value(std::string_view key, const setting& value) {
  if (is_secret(key) && !(value.value.empty() && value.items.empty()))
    return "\"***\"";
  if (!value.is_list)
    return yaml_text(value.value);
  std::string items;
  for (const auto& item : value.items)
    items += (items.empty() ? "" : ", ") + yaml_text(item);
  return "[" + items + "]";
}

} // namespace

std::string describe_settings(const known_settings& known) {
  std::string text;
  for (const auto& one : known.all()) {
    const auto is_map = one.type.kind() == value_kind::open_map;
    text +=
      fmt::format("  {}: {}  ({})\n", one.key, is_map ? "{}" : yaml_value(one.key, one.default_value), one.type.describe());
    if (!one.summary.empty())
      text += fmt::format("      {}\n", one.summary);
  }
  return text;
}

std::string print_settings(const settings& effective) {
  std::string text;
  for (const auto& [key, value] : effective.all())
    text += fmt::format("{:<50} # {}\n", fmt::format("{}: {}", yaml_text(key), yaml_value(key, value)), value.origin);
  return text;
}

} // namespace leat
