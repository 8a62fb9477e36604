#include <leat/connectors/files/file_pattern.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/file_facts.hpp>

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <span>

namespace leat {

namespace {

void add(const std::string& path, named_files& to) {
  try {
    if (const auto facts = facts_of(path); facts && facts->regular)
      to.files.push_back(path);
  } catch (const connector_error& e) {
    to.skipped.emplace(path, e.what());
  }
}

named_files files_in(const std::string& folder) {
  named_files found;
  std::error_code failed;
  for (std::filesystem::directory_iterator at{folder, failed}, end; !failed && at != end; at.increment(failed))
    if (!at->path().filename().string().starts_with('.'))
      add(at->path().string(), found);
  if (failed)
    throw connector_error{fmt::format("cannot read the folder {}: {}", folder, failed.message())};
  std::sort(found.files.begin(), found.files.end());
  return found;
}

/// What `glob` has found, and the folders that it could not read: it tells them to a function without a context.
class glob_result {
public:
  explicit glob_result(const std::string& pattern) {
    unreadable_now = &unreadable;
    status_ = glob(pattern.c_str(), 0, &remember, &all_);
    error_ = errno;
  }
  glob_result(const glob_result&) = delete;
  glob_result& operator=(const glob_result&) = delete;
  ~glob_result() { globfree(&all_); }

  /// `errno` of a search that has failed as a whole.
  [[nodiscard]] std::optional<int> error() const {
    return status_ == 0 || status_ == GLOB_NOMATCH ? std::nullopt : std::optional{error_};
  }

  [[nodiscard]] std::span<char* const> paths() const { return {all_.gl_pathv, status_ == 0 ? all_.gl_pathc : 0}; }

  std::map<std::string, int> unreadable; ///< and their `errno`

private:
  static int remember(const char* folder, int error) noexcept {
    if (error != ENOENT)
      unreadable_now->emplace(folder, error);
    return 0;
  }

  static thread_local std::map<std::string, int>* unreadable_now;

  glob_t all_{};
  int status_ = 0;
  int error_ = 0;
};

thread_local std::map<std::string, int>* glob_result::unreadable_now = nullptr;

/// `glob` says which folders it may not read, but not in which it may not look for a name without wildcard.
void add_unsearchable(const std::string& pattern, named_files& to) {
  constexpr auto wildcards = "*?[";
  const auto slash = pattern.rfind('/');
  if (slash == std::string::npos || pattern.find_first_of(wildcards, slash) != std::string::npos)
    return;
  const glob_result folders{pattern.substr(0, slash)};
  for (const std::string folder : folders.paths())
    try {
      (void)facts_of(folder + "/.");
    } catch (const connector_error& e) {
      to.skipped.emplace(folder, e.what());
    }
}

/// @param folder in front of the first wildcard.
named_files matches_of(const std::string& pattern, const std::string& folder) {
  const glob_result all{pattern};
  if (const auto error = all.error())
    throw connector_error{fmt::format("cannot look for {}: {}", pattern, system_reason(*error))};
  named_files found;
  for (const auto& [path, error] : all.unreadable) {
    const auto reason = fmt::format("cannot read the folder {}: {}", path, system_reason(error));
    if (std::filesystem::path{path}.lexically_normal() == std::filesystem::path{folder}.lexically_normal())
      throw connector_error{reason};
    found.skipped.emplace(path, reason);
  }
  for (const char* const path : all.paths())
    add(path, found);
  add_unsearchable(pattern, found);
  return found;
}

} // namespace

named_files file_pattern::files() const {
  if (is_glob())
    return matches_of(text_, fixed_folder());
  const auto facts = facts_of(text_);
  if (!facts)
    return {};
  return facts->folder ? files_in(text_) : named_files{{text_}, {}};
}

void file_pattern::check(bool may_be_empty) const {
  const auto here = std::filesystem::current_path().string();
  if (is_glob()) {
    const auto folder = facts_of(fixed_folder());
    if (!folder || !folder->folder)
      throw connector_error{fmt::format("{}: there is no folder {} (seen from {})", text_, fixed_folder(), here)};
    if (!may_be_empty)
      check_any("no file matches", here);
    return;
  }
  const auto facts = facts_of(text_);
  if (!facts)
    throw connector_error{fmt::format("there is no file or folder {} (seen from {})", text_, here)};
  if (!facts->regular && !facts->folder)
    throw connector_error{fmt::format("{} is neither a file nor a folder: only these are read", text_)};
  if (facts->folder && !may_be_empty && !files().skipped.empty())
    check_any("there is no file in", here);
}

void file_pattern::check_any(std::string_view otherwise, const std::string& here) const {
  const auto now = files();
  if (!now.files.empty())
    return;
  if (now.skipped.empty())
    throw connector_error{fmt::format("{} {} (seen from {})", otherwise, text_, here)};
  const auto more = now.skipped.size() - 1;
  throw connector_error{fmt::format(
    "nothing can be read of {}: {}{}", text_, now.skipped.begin()->second,
    more == 0 ? "" : fmt::format(" (and {} more)", more))};
}

/// The part of a pattern in front of its first wildcard, up to the last slash.
std::string file_pattern::fixed_folder() const {
  const auto slash = text_.rfind('/', text_.find_first_of("*?["));
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : text_.substr(0, slash);
}

} // namespace leat
