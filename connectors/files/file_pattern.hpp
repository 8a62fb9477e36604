#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// What a pattern names at one moment.
struct named_files {
  std::vector<std::string> files;             ///< regular ones, in the order of their names
  std::map<std::string, std::string> skipped; ///< files and folders that cannot be looked at, and why
};

/// Names files: by a path, by a folder, for the files that lie in it, or by a pattern of the shell (`logs/*.json`: `*`, `?`,
/// `[a-z]`). Names that start with a dot are left out of folders and patterns: so are hidden files, and those that a sink is
/// still writing.
class file_pattern {
public:
  explicit file_pattern(std::string text) : text_{std::move(text)} {}

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  /// The files that are named so now. One name that cannot be looked at (a loop of links, a folder below the first
  /// wildcard that may not be read) hides no other.
  /// @throws connector_error when nothing can be found: the path, or the folder in front of the first wildcard, cannot be read.
  [[nodiscard]] named_files files() const;

  /// @param may_be_empty whether files may come later: then a pattern needs only its folder.
  /// @throws connector_error when nothing can be read here, saying why.
  void check(bool may_be_empty) const;

private:
  [[nodiscard]] bool is_glob() const noexcept { return text_.find_first_of("*?[") != std::string::npos; }
  [[nodiscard]] std::string fixed_folder() const;
  void check_any(std::string_view otherwise, const std::string& here) const;

  std::string text_;
};

} // namespace leat
