#include <leat/tests/formats/golden_bytes.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace leat::testing {

std::string golden_text(const std::string& name) {
  std::ifstream file{LEAT_SOURCE_ROOT "/tests/formats/golden/" + name};
  if (!file)
    throw std::runtime_error{"cannot read " + name};
  return {std::istreambuf_iterator{file}, {}};
}

std::map<std::string, golden_line> golden_lines(const std::string& file) {
  std::map<std::string, golden_line> all;
  std::istringstream lines{golden_text(file)};
  for (std::string name, hex, rest; lines >> name >> hex && std::getline(lines, rest);) {
    std::string made;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
      made += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    all[name] = {made, rest};
  }
  return all;
}

} // namespace leat::testing
