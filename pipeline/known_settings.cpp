#include <leat/pipeline/known_settings.hpp>

#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/pipeline/yaml_entries.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

const setting_type any_text = setting_type::any_text();

// Not std::toupper: it follows the locale, and a Turkish one has another capital i.
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  lines.push_back(text);
  return lines;
}

bool is_comment(std::string_view line) {
  const auto start = line.find_first_not_of(' ');
  return start != std::string_view::npos && line[start] == '#';
}

/// The first line of the comment that ends right above `line` (from 1).
std::string summary_above(std::size_t line, const std::vector<std::string_view>& lines) {
  auto first = line - 1;
  while (first > 0 && is_comment(lines[first - 1]))
    --first;
  if (first == line - 1)
    return {};
  const auto text = lines[first];
  const auto start = text.find_first_not_of(" #");
  return std::string{start == std::string_view::npos ? std::string_view{} : text.substr(start)};
}

} // namespace

std::string variable_of(std::string_view key) {
  std::string variable = "LEAT_";
  for (const char c : key)
    variable += c == '.' || c == '-' ? '_' : upper(c);
  return variable;
}

known_settings::known_settings(std::span<const embedded_file> defaults) {
  for (const auto& file : defaults)
    read(file);
}

void known_settings::read(const embedded_file& file) {
  const auto lines = lines_of(file.text);
  for (auto& entry : parse_yaml(file.text, file.name))
    add(std::move(entry), lines);
}

void known_settings::add(yaml_entry entry, const std::vector<std::string_view>& lines) {
  if (find(entry.key) || open_map_above(entry.key)) { // another default for what is known
    check(entry);
    if (entry.is_map)
      return; // `{}` adds nothing to an open map
    if (const auto known = index_.find(entry.key); known != index_.end())
      known_[known->second].default_value = entry.value;
    defaults_.set(std::move(entry.key), std::move(entry.value));
    return;
  }
  const auto variable = variable_of(entry.key);
  const auto [taken, fresh] = keys_by_variable_.emplace(variable, entry.key);
  if (!fresh)
    refuse_setting(entry.key, entry.value, fmt::format("would share {} with {}; rename it", variable, taken->second));
  auto type = entry.is_map ? setting_type::open_map() : setting_type::of(entry.key, entry.value, entry.tag, entry.quoted);
  index_.emplace(entry.key, known_.size());
  if (!entry.is_map)
    defaults_.set(entry.key, entry.value);
  known_.push_back({entry.key, entry.value, std::move(type), summary_above(entry.line, lines)});
}

void known_settings::check(const yaml_entry& entry) const {
  const auto& type = type_of(entry.key, entry.value.origin);
  if (!entry.is_map)
    type.check(entry.key, entry.value);
  else if (type.kind() != value_kind::open_map)
    refuse_setting(entry.key, entry.value, fmt::format("takes {}, not a map", type.describe()));
}

const known_setting* known_settings::find(std::string_view key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : &known_[found->second];
}

const known_setting* known_settings::open_map_above(std::string_view key) const {
  for (auto dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1))
    if (const auto* above = find(key.substr(0, dot)); above && above->type.kind() == value_kind::open_map)
      return dot + 1 < key.size() ? above : nullptr;
  return nullptr;
}

std::vector<std::string> known_settings::keys() const {
  std::vector<std::string> all;
  for (const auto& known : known_)
    all.push_back(known.key);
  return all;
}

const setting_type& known_settings::type_of(std::string_view key, std::string_view origin) const {
  if (const auto* known = find(key))
    return known->type;
  if (open_map_above(key))
    return any_text;
  const auto inside = fmt::format("{}.", key);
  for (const auto& known : known_) {
    if (known.key.starts_with(inside))
      throw config_error{
        fmt::format("{}: {} is a group of keys, such as {}, and takes no value itself", origin, key, known.key)};
    if (known.type.kind() != value_kind::open_map && key.starts_with(known.key + "."))
      throw config_error{
        fmt::format("{}: {} takes {}, so there is no key '{}'", origin, known.key, known.type.describe(), key)};
  }
  const auto nearest = nearest_name(key, keys());
  throw config_error{fmt::format(
    "{}: unknown key '{}'; {}", origin, key,
    nearest.empty() ? "--help lists all keys" : fmt::format("did you mean '{}'?", nearest))};
}

std::string known_settings::key_of_variable(std::string_view variable) const {
  if (const auto found = keys_by_variable_.find(variable); found != keys_by_variable_.end())
    return found->second;
  std::vector<std::string> variables;
  for (const auto& [name, key] : keys_by_variable_) {
    variables.push_back(name);
    if (find(key)->type.kind() != value_kind::open_map || !variable.starts_with(name + "_"))
      continue;
    auto below = std::string{variable.substr(name.size())};
    std::transform(below.begin(), below.end(), below.begin(), [](char c) { return c == '_' ? '.' : lower(c); });
    if (below.size() > 1)
      return key + below;
  }
  const auto nearest = nearest_name(variable, variables);
  throw config_error{fmt::format(
    "environment {}: no setting has this variable; {}", variable,
    nearest.empty() ? "--help lists all keys" : fmt::format("did you mean {}?", nearest))};
}

} // namespace leat
