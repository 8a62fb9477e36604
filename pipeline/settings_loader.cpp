#include <leat/pipeline/settings_loader.hpp>

#include <leat/base/error.hpp>
#include <leat/pipeline/yaml_entries.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <unistd.h>

namespace leat {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// `a, b` as a list; the empty text is the empty list.
setting split(setting value) {
  value.is_list = true;
  std::string_view rest = value.value;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    value.items.emplace_back(trimmed(rest.substr(0, comma)));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  value.value = fmt::format("{}", fmt::join(value.items, ", "));
  return value;
}

void apply(settings& merged, const known_settings& known, std::string key, std::string text, std::string origin) {
  const auto& type = known.type_of(key, origin);
  setting value{std::move(text), std::move(origin), {}, false};
  if (type.kind() == value_kind::list)
    value = split(std::move(value));
  type.check(key, value);
  merged.set(std::move(key), std::move(value));
}

/// @param name a key, or a variable.
bool is_read(std::string_view name, const std::vector<std::string_view>& parts, bool variable) {
  return parts.empty() || std::ranges::any_of(parts, [&](auto part) {
           return variable ? name.starts_with(variable_of(part)) : name.starts_with(part);
         });
}

} // namespace

settings load_settings(const known_settings& known, const settings_sources& sources) {
  auto merged = known.defaults();
  if (!sources.file.empty()) {
    for (auto& entry : parse_yaml(read_config_file(sources.file), sources.file)) {
      if (!is_read(entry.key, sources.parts, false))
        continue;
      known.check(entry);
      if (!entry.is_map)
        merged.set(std::move(entry.key), std::move(entry.value));
    }
  }
  for (const auto& [variable, value] : sources.environment)
    if (is_read(variable, sources.parts, true))
      apply(merged, known, known.key_of_variable(variable), value, "environment " + variable);
  for (const auto& o : sources.overrides)
    apply(merged, known, o.key, o.value, o.origin);
  return merged;
}

setting_override parse_override(std::string_view text, std::string origin) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw config_error{fmt::format("{} wants key=value, as in {} log.level=debug, not '{}'", origin, origin, text)};
  return {std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}, std::move(origin)};
}

std::vector<std::pair<std::string, std::string>> leat_environment() {
  std::vector<std::pair<std::string, std::string>> found;
  for (char** variable = environ; variable && *variable; ++variable) {
    const std::string_view text = *variable;
    const auto equals = text.find('=');
    if (text.starts_with("LEAT_") && equals != std::string_view::npos)
      found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::sort(found.begin(), found.end());
  return found;
}

} // namespace leat
