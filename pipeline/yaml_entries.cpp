#include <leat/pipeline/yaml_entries.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

namespace leat {

namespace {

// Far above any configuration, and low enough that an alias to itself or a tower of aliases ends soon.
constexpr std::size_t max_depth = 32;
constexpr std::size_t max_entries = 10'000;
constexpr std::size_t max_file_bytes = 1024 * 1024;

/// From 1; 0 when unknown.
std::size_t line_of(const YAML::Mark& mark) { return static_cast<std::size_t>(mark.line) + 1; }

class flattener {
public:
  explicit flattener(std::string_view name) : name_{name} {}

  void add_map(const YAML::Node& map, const std::string& prefix, std::size_t depth) {
    for (const auto& pair : map) {
      const auto line = line_of(pair.first.Mark());
      if (!pair.first.IsScalar() || pair.first.Scalar().empty())
        refuse(line, "a key must be text");
      auto key = prefix.empty() ? pair.first.Scalar() : prefix + "." + pair.first.Scalar();
      claim(key, line);
      if (pair.second.IsMap() && pair.second.size() > 0) {
        if (depth == max_depth)
          refuse(line, fmt::format("maps are nested more than {} deep", max_depth));
        add_map(pair.second, key, depth + 1);
      } else {
        add_leaf(std::move(key), pair.second, line);
      }
    }
  }

  [[noreturn]] void refuse(std::size_t line, std::string_view why) const {
    throw config_error{fmt::format("{}:{}: {}", name_, line, why)};
  }

  std::vector<yaml_entry> take() { return std::move(entries_); }

private:
  void claim(const std::string& key, std::size_t line) {
    const auto [said, fresh] = said_.emplace(key, line);
    if (!fresh)
      refuse(line, fmt::format("{} was already given in line {}", key, said->second));
    if (said_.size() > max_entries)
      refuse(line, fmt::format("more than {} keys", max_entries));
  }

  void add_leaf(std::string key, const YAML::Node& node, std::size_t line) {
    if (node.IsNull())
      refuse(line, fmt::format("{} has no value; write \"\" for an empty text", key));
    yaml_entry entry;
    entry.value.origin = fmt::format("{}:{}", name_, line);
    entry.line = line;
    entry.is_map = node.IsMap();
    if (node.IsScalar()) {
      entry.value.value = node.Scalar();
      entry.quoted = node.Tag() == "!";
    } else if (node.IsSequence()) {
      entry.value.is_list = true;
      entry.value.items = items_of(key, node, line);
      entry.value.value = fmt::format("{}", fmt::join(entry.value.items, ", "));
    }
    if (node.Tag().size() > 1)
      entry.tag = node.Tag();
    entry.key = std::move(key);
    entries_.push_back(std::move(entry));
  }

  std::vector<std::string> items_of(const std::string& key, const YAML::Node& list, std::size_t line) const {
    std::vector<std::string> items;
    for (const auto& item : list) {
      if (!item.IsScalar())
        refuse(line, fmt::format("{}: item {} of the list is not a single value", key, items.size() + 1));
      items.push_back(item.Scalar());
    }
    return items;
  }

  std::string name_;
  std::map<std::string, std::size_t> said_; // each key and map, and its line
  std::vector<yaml_entry> entries_;
};

} // namespace

std::vector<yaml_entry> parse_yaml(std::string_view text, std::string_view name) {
  flattener flat{name};
  try {
    const auto documents = YAML::LoadAll(std::string{text});
    if (documents.empty() || documents.front().IsNull())
      return {};
    const auto& map = documents.front();
    if (documents.size() > 1)
      flat.refuse(line_of(documents[1].Mark()), "a second document begins; a configuration is one");
    if (!map.IsMap())
      flat.refuse(line_of(map.Mark()), "expected a map of keys to values, as in `log: {level: info}`");
    flat.add_map(map, "", 1);
  } catch (const YAML::Exception& e) {
    flat.refuse(line_of(e.mark), fmt::format("not YAML: {}", e.msg));
  }
  return flat.take();
}

std::string read_config_file(const std::string& path) {
  const auto refuse = [&](std::string_view why) {
    throw config_error{fmt::format("cannot read the configuration file '{}': {}", path, why)};
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "re"), &std::fclose};
  if (!file)
    refuse(std::strerror(errno));
  std::string text(max_file_bytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()))
    refuse(std::strerror(errno));
  if (text.size() > max_file_bytes)
    refuse("it is larger than a megabyte");
  return text;
}

} // namespace leat
