#include <leat/connectors/formats/dotted_name.hpp>

namespace leat {

std::string dotted_name(std::string_view cpp_name) {
  const auto is_kept = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::string made;
  for (; !cpp_name.empty(); cpp_name.remove_prefix(1)) {
    const bool scope = cpp_name.starts_with("::");
    made += scope ? '.' : is_kept(cpp_name.front()) ? cpp_name.front() : '_';
    cpp_name.remove_prefix(scope ? 1 : 0);
  }
  return made;
}

} // namespace leat
