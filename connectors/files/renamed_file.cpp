#include <leat/connectors/files/renamed_file.hpp>

#include <leat/base/error.hpp>

#include <fcntl.h>
#include <filesystem>
#include <optional>

namespace leat {

namespace {

bool is(const std::string& path, const file_identity& which) {
  try {
    const auto facts = facts_of(path);
    return facts && facts->identity == which;
  } catch (const connector_error&) {
    return false;
  }
}

} // namespace

open_file open_renamed(const std::string& path, const file_identity& which) {
  const auto folder = std::filesystem::path{path}.parent_path();
  std::error_code failed;
  for (std::filesystem::directory_iterator at{folder.empty() ? "." : folder, failed}, end; !failed && at != end;
       at.increment(failed)) {
    if (!is(at->path().string(), which))
      continue;
    open_file found{::open(at->path().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (found && facts_of(found.get()).identity == which)
      return found;
  }
  return {};
}

} // namespace leat
