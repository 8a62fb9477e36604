#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <system_error>

#include <unistd.h>

namespace leat::bench {

/// A folder on the disk that the build is on; gone at the end.
class scratch_folder {
public:
  explicit scratch_folder(const std::string& name)
    : path_{std::filesystem::canonical("/proc/self/exe").parent_path() / fmt::format("bench-{}-{}", name, ::getpid())} {
    std::filesystem::create_directories(path_);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

private:
  const std::filesystem::path path_;
};

} // namespace leat::bench
