#include <leat/connectors/files/file_pattern.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/file_facts.hpp>

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace leat {

namespace {

bool is_regular(const std::string& path) {
  const auto facts = facts_of(path);
  return facts && facts->regular;
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code failed;
  for (std::filesystem::directory_iterator at{folder, failed}, end; !failed && at != end; at.increment(failed))
    if (!at->path().filename().string().starts_with('.') && is_regular(at->path().string()))
      found.push_back(at->path().string());
  if (failed)
    throw connector_error{fmt::format("cannot read the folder {}: {}", folder, failed.message())};
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t all{};
  const auto result = glob(pattern.c_str(), GLOB_ERR, nullptr, &all);
  std::vector<std::string> found;
  for (std::size_t i = 0; result == 0 && i < all.gl_pathc; ++i)
    if (is_regular(all.gl_pathv[i]))
      found.emplace_back(all.gl_pathv[i]);
  globfree(&all);
  if (result != 0 && result != GLOB_NOMATCH)
    throw connector_error{fmt::format("cannot look for {}: {}", pattern, system_reason(errno))};
  return found;
}

} // namespace

std::vector<std::string> file_pattern::files() const {
  if (is_glob())
    return matches_of(text_);
  const auto facts = facts_of(text_);
  if (!facts)
    return {};
  return facts->folder ? files_in(text_) : std::vector{text_};
}

void file_pattern::check(bool may_be_empty) const {
  const auto here = std::filesystem::current_path().string();
  if (is_glob()) {
    const auto folder = facts_of(fixed_folder());
    if (!folder || !folder->folder)
      throw connector_error{fmt::format("{}: there is no folder {} (seen from {})", text_, fixed_folder(), here)};
    if (!may_be_empty && files().empty())
      throw connector_error{fmt::format("no file matches {} (seen from {})", text_, here)};
    return;
  }
  const auto facts = facts_of(text_);
  if (!facts)
    throw connector_error{fmt::format("there is no file or folder {} (seen from {})", text_, here)};
  if (!facts->regular && !facts->folder)
    throw connector_error{fmt::format("{} is neither a file nor a folder: only these are read", text_)};
}

/// The part of a pattern in front of its first wildcard, up to the last slash.
std::string file_pattern::fixed_folder() const {
  const auto slash = text_.rfind('/', text_.find_first_of("*?["));
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : text_.substr(0, slash);
}

} // namespace leat
