#include <leat/connectors/files/file_facts.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>

namespace leat {

namespace {

file_facts facts_from(const struct statx& s) {
  file_facts f;
  f.identity.device = std::uint64_t{s.stx_dev_major} << 32U | s.stx_dev_minor;
  f.identity.number = s.stx_ino;
  if ((s.stx_mask & STATX_BTIME) != 0)
    f.identity.born = s.stx_btime.tv_sec * 1'000'000'000 + s.stx_btime.tv_nsec;
  f.size = static_cast<std::int64_t>(s.stx_size);
  f.regular = S_ISREG(s.stx_mode);
  f.folder = S_ISDIR(s.stx_mode);
  return f;
}

} // namespace

std::optional<file_facts> facts_of(const std::string& path) {
  struct statx s {};
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS | STATX_BTIME, &s) == 0)
    return facts_from(s);
  if (errno == ENOENT || errno == ENOTDIR)
    return std::nullopt;
  throw connector_error{fmt::format("cannot look at {}: {}", path, system_reason(errno))};
}

file_facts facts_of(int descriptor) {
  struct statx s {};
  if (statx(descriptor, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &s) != 0)
    throw connector_error{fmt::format("cannot look at an open file: {}", system_reason(errno))};
  return facts_from(s);
}

std::string system_reason(int error) { return std::generic_category().message(error); }

} // namespace leat
