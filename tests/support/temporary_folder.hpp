#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace leat::testing {

/// A folder below the working directory that is gone after the test.
class temporary_folder {
public:
  temporary_folder() : path_{std::filesystem::current_path() / ("tmp-" + std::to_string(std::random_device{}()))} {
    std::filesystem::create_directories(path_);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string path(std::string_view name = {}) const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }

  /// Appends to a file, which is made when it is not there.
  void append(std::string_view name, std::string_view bytes) const {
    std::ofstream{path(name), std::ios::app | std::ios::binary} << bytes;
  }

  void rename(std::string_view from, std::string_view to) const { std::filesystem::rename(path(from), path(to)); }
  void remove(std::string_view name) const { std::filesystem::remove(path(name)); }

  [[nodiscard]] std::string text(std::string_view name) const {
    std::ostringstream all;
    all << std::ifstream{path(name), std::ios::binary}.rdbuf();
    return all.str();
  }

  /// The names in a folder below this one, or in this one, in their order; hidden ones first.
  [[nodiscard]] std::vector<std::string> names(std::string_view folder = {}) const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator{path(folder)})
      all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  }

private:
  std::filesystem::path path_;
};

} // namespace leat::testing
