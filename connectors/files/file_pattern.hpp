#pragma once

#include <string>
#include <vector>

namespace leat {

/// Names files: by a path, by a folder, for the files that lie in it, or by a pattern of the shell (`logs/*.json`: `*`, `?`,
/// `[a-z]`). Names that start with a dot are left out of folders and patterns: so are hidden files, and those that a sink is
/// still writing.
class file_pattern {
public:
  explicit file_pattern(std::string text) : text_{std::move(text)} {}

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  /// The regular files that are named so now, in the order of their names.
  /// @throws connector_error when a folder on the way cannot be read.
  [[nodiscard]] std::vector<std::string> files() const;

  /// @param may_be_empty whether files may come later: then a pattern needs only its folder.
  /// @throws connector_error when nothing can be read here, saying why.
  void check(bool may_be_empty) const;

private:
  [[nodiscard]] bool is_glob() const noexcept { return text_.find_first_of("*?[") != std::string::npos; }
  [[nodiscard]] std::string fixed_folder() const;

  std::string text_;
};

} // namespace leat
