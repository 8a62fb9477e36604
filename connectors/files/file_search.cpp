#include <leat/connectors/files/file_search.hpp>

#include <leat/base/error.hpp>

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

namespace leat {

namespace {

/// It was there a moment ago, and may have changed.
std::optional<file_facts> facts_or_reason(const std::string& path, std::map<std::string, std::string>& skipped) {
  try {
    return facts_of(path);
  } catch (const connector_error& e) {
    skipped.emplace(path, e.what());
    return std::nullopt;
  }
}

} // namespace

std::vector<found_file> file_search::find_new() {
  std::vector<found_file> found;
  auto named = pattern_.files();
  for (auto& path : named.files) {
    const auto facts = facts_or_reason(path, named.skipped);
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
  report(named.skipped);
  return found;
}

/// Each name once for as long as it is so.
void file_search::report(const std::map<std::string, std::string>& skipped) {
  const std::lock_guard lock{m_};
  std::erase_if(skipped_, [&](const auto& path) { return !skipped.contains(path); });
  for (const auto& [path, reason] : skipped)
    if (skipped_.insert(path).second)
      spdlog::warn("source '{}': {}; it is left out until that is mended, other files are read", step_, reason);
}

void file_search::take(const std::string& path, const file_identity& file) {
  const std::lock_guard lock{m_};
  owned_.insert(path);
  claimed_.insert(file);
}

bool file_search::claim(const file_identity& file) {
  const std::lock_guard lock{m_};
  return claimed_.insert(file).second;
}

} // namespace leat
