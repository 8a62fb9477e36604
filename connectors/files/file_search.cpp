#include <leat/connectors/files/file_search.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace leat {

std::vector<found_file> file_search::find_new() {
  std::vector<found_file> found;
  for (auto& path : pattern_.files()) {
    const auto facts = facts_of(path);
    const std::lock_guard lock{m_};
    if (!facts || owned_.contains(path))
      continue;
    if (!claimed_.insert(facts->identity).second) {
      if (aliases_.insert(path).second)
        spdlog::info("source '{}': {} is not read again: it was found under another name before", step_, path);
      continue;
    }
    owned_.insert(path);
    found.push_back({std::move(path), *facts});
  }
  return found;
}

bool file_search::claim(const file_identity& file) {
  const std::lock_guard lock{m_};
  return claimed_.insert(file).second;
}

} // namespace leat
