#pragma once

#include <cstdio>
#include <filesystem>
#include <string>

#include <sys/mount.h>

namespace leat::testing {

/// A file system of its own size (tmpfs) for the length of a test. Needs the right to mount one.
class small_disk {
public:
  /// @param path of a folder, which is made. @param size as mount takes it: "3m".
  small_disk(const std::string& path, const std::string& size) : path_{path} {
    std::filesystem::create_directories(path);
    mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() {
    if (mounted_)
      ::umount2(path_.c_str(), MNT_DETACH);
  }

  [[nodiscard]] bool mounted() const { return mounted_; }

  /// Leaves no byte to anybody.
  void fill() const {
    auto* const file = std::fopen(filler().c_str(), "wb");
    std::setbuf(file, nullptr);
    for (const std::size_t bytes : {std::size_t{4096}, std::size_t{1}})
      for (const std::string some(bytes, 'x'); std::fwrite(some.data(), 1, bytes, file) == bytes;) {
      }
    std::fclose(file);
  }

  void make_room() const { std::filesystem::remove(filler()); }

  /// From now on nobody can write.
  void make_read_only() const { ::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr); }

private:
  [[nodiscard]] std::string filler() const { return path_ + "/filler"; }

  const std::string path_;
  bool mounted_ = false;
};

} // namespace leat::testing
