#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// The kind of file system when it is one that other machines share (NFS, SMB, …), where neither locks nor mapped files can be
/// relied on. @param type as `statfs` has it.
std::optional<std::string_view> network_file_system(long type) noexcept;

/// Makes it so that what was created or renamed in a directory is there after a power failure; or, of a file, its contents.
/// @throws state_error
void sync_to_disk(const std::string& path);

/// Whether a file cannot grow because the disk is full or a limit of the process is reached. For writes that failed: of one
/// that was cut short LMDB says no more than that.
[[nodiscard]] bool cannot_grow(const std::string& file) noexcept;

/// A directory that belongs to one store as long as this object lives: a lock file in it, which the system lets go of when the
/// process ends however it ends, names process and host.
class store_directory {
public:
  /// Makes the directory when it is not there.
  /// @throws state_error when it cannot be made or written to, lies on a network file system, or belongs to somebody else.
  explicit store_directory(std::string path);
  store_directory(const store_directory&) = delete;
  store_directory& operator=(const store_directory&) = delete;
  ~store_directory();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string path(std::string_view name) const;

private:
  void lock();

  const std::string path_;
  int fd_ = -1;
};

/// Whether somebody owns a directory; what is in it does not change while nobody does.
[[nodiscard]] bool has_owner(const std::string& directory);

} // namespace leat
