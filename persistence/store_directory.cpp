#include <leat/persistence/store_directory.hpp>

#include <leat/base/error.hpp>
#include <leat/persistence/store_format.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace leat {
namespace {

state_error failed(const std::string& path, const std::string& what) {
  return state_error{fmt::format("{}: {}: {}", path, what, std::strerror(errno))};
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "an unknown host";
}

void refuse_network_file_system(const std::string& path) {
  struct statfs s {};
  if (::statfs(path.c_str(), &s) != 0)
    throw failed(path, "cannot ask for the file system");
  if (const auto kind = network_file_system(s.f_type))
    throw state_error{fmt::format(
      "{}: lies on {}, where locks and mapped files cannot be relied on: put the state directory on a disk of this machine",
      path, *kind)};
}

} // namespace

std::optional<std::string_view> network_file_system(long type) noexcept {
  switch (static_cast<unsigned long>(type) & 0xffff'ffffUL) { // from linux/magic.h and the sources of each
  case 0x6969:
    return "NFS";
  case 0x517b:
  case 0xff534d42:
  case 0xfe534d42:
    return "SMB";
  case 0x01021997:
    return "9P";
  case 0x5346414f:
    return "AFS";
  case 0x00c36400:
    return "Ceph";
  case 0x0bd00bd0:
    return "Lustre";
  default:
    return std::nullopt;
  }
}

void sync_to_disk(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = fd >= 0 && ::fsync(fd) == 0;
  const auto error = done ? state_error{""} : failed(path, "cannot be written to disk");
  if (fd >= 0)
    ::close(fd);
  if (!done)
    throw error;
}

bool cannot_grow(const std::string& file) noexcept {
  constexpr std::uint64_t next_to_nothing = 64 * 1024;
  struct statvfs disk {};
  if (::statvfs(file.c_str(), &disk) == 0 && std::uint64_t{disk.f_bavail} * disk.f_frsize < next_to_nothing)
    return true;
  struct stat s {};
  rlimit limit{};
  return ::stat(file.c_str(), &s) == 0 && ::getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
         limit.rlim_cur <= static_cast<rlim_t>(s.st_size) + next_to_nothing;
}

store_directory::store_directory(std::string path) : path_{std::move(path)} {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error)
    throw state_error{fmt::format("{}: the state directory cannot be made: {}", path_, error.message())};
  refuse_network_file_system(path_);
  lock();
}

store_directory::~store_directory() { ::close(fd_); }

std::string store_directory::path(std::string_view name) const { return fmt::format("{}/{}", path_, name); }

void store_directory::lock() {
  const auto file = path(store_format::owner_file);
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd_ < 0)
    throw failed(path_, "the state directory cannot be written to");
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    const auto error = failed(file, "cannot be locked");
    ::close(fd_);
    std::string owner;
    std::getline(std::ifstream{file}, owner);
    if (taken)
      throw state_error{fmt::format(
        "{}: the state directory is in use by {}: stop that one, or give this job a directory of its own", path_,
        owner.empty() ? "another process" : owner)};
    throw error;
  }
  // For a person only: that a full disk does not take it is no reason to refuse.
  const auto owner = fmt::format("process {} on {}\n", ::getpid(), host_name());
  if (::ftruncate(fd_, 0) == 0 && ::pwrite(fd_, owner.data(), owner.size(), 0) < 0)
    errno = 0;
}

bool has_owner(const std::string& directory) {
  const auto file = fmt::format("{}/{}", directory, store_format::owner_file);
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  const bool owned = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return owned;
}

} // namespace leat
