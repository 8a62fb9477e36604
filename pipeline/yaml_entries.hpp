#pragma once

#include <leat/base/settings.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// One leaf of a YAML file, its nested keys flattened to a dotted one.
struct yaml_entry {
  std::string key;      ///< "kafka.brokers", whether written nested or dotted
  setting value;        ///< origin "file:line"
  std::size_t line = 0; ///< from 1; where the key stands
  std::string tag;      ///< the tag written at the value with its `!`, or empty
  bool quoted = false;  ///< whether a single value was written in quotes
  bool is_map = false;  ///< an empty map: `{}`
};

/// The leaves of a YAML text in the order they were written; an empty text has none.
/// @param name of the file, for origins and errors.
/// @throws config_error with file and line when the text is not YAML, not a map, says a key twice, gives a key no
/// value, nests lists, or is unreasonably deep or large.
[[nodiscard]] std::vector<yaml_entry> parse_yaml(std::string_view text, std::string_view name);

/// The content of a configuration file.
/// @throws config_error that quotes the system when it cannot be read, or is larger than a megabyte.
[[nodiscard]] std::string read_config_file(const std::string& path);

} // namespace leat
