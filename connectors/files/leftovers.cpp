#include <leat/connectors/files/leftovers.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/files/file_facts.hpp>
#include <leat/connectors/files/record_buffer.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <sys/file.h>
#include <unistd.h>

namespace leat {

namespace {

constexpr std::string_view suffix = ".inprogress";

[[noreturn]] void fail(const rolling_options& o, std::string_view what, const std::string& path, int error) {
  throw connector_error{fmt::format(
    "sink '{}': an earlier run has left {}, and it cannot be {}: {}", o.step, path, what, system_reason(error))};
}

/// How much of a file there is, and how many records in it end with a line break.
struct whole_records {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
};

whole_records count_records(const rolling_options& o, const format& of, const std::string& path, int file) {
  whole_records found;
  record_buffer buffer{of.make_splitter(), std::numeric_limits<std::size_t>::max()};
  record_buffer::record r;
  for (;;) {
    const auto to = buffer.room();
    const auto count = ::pread(file, to.data(), to.size(), buffer.end());
    if (count < 0)
      fail(o, "read", path, errno);
    if (count == 0)
      return found;
    buffer.fill(static_cast<std::size_t>(count));
    while (buffer.next(r))
      ++found.count;
    found.bytes = buffer.position();
  }
}

void complete(const rolling_options& o, const format& of, const std::string& name) {
  const auto path = o.folder + '/' + in_progress_name(name);
  const open_file file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (!file && errno == ENOENT)
    return; // it was completed just now
  if (!file)
    fail(o, "opened", path, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return; // somebody is writing it
  const auto whole = count_records(o, of, path, file.get());
  const auto cut = facts_of(file.get()).size - whole.bytes;
  if (whole.count <= (o.header.empty() ? 0 : 1)) {
    if (::unlink(path.c_str()) != 0)
      fail(o, "removed", path, errno);
    return;
  }
  if (::ftruncate(file.get(), whole.bytes) != 0 || ::fsync(file.get()) != 0)
    fail(o, "cut behind its last whole record", path, errno);
  const auto final_path = o.folder + '/' + name;
  if (facts_of(final_path))
    fail(o, fmt::format("renamed to {}", name), path, EEXIST);
  if (::rename(path.c_str(), final_path.c_str()) != 0)
    fail(o, fmt::format("renamed to {}", name), path, errno);
  spdlog::info(
    "sink '{}': completed {} of an earlier run: {} records, {} bytes of an unfinished one cut off", o.step, final_path,
    whole.count - (o.header.empty() ? 0 : 1), cut);
}

} // namespace

void complete_leftovers(const rolling_options& o, const format& of) {
  std::error_code failed;
  for (std::filesystem::directory_iterator at{o.folder, failed}, end; !failed && at != end; at.increment(failed)) {
    const auto name = at->path().filename().string();
    if (name.starts_with('.') && name.ends_with(o.extension + std::string{suffix}))
      complete(o, of, name.substr(1, name.size() - 1 - suffix.size()));
  }
  if (failed)
    throw connector_error{fmt::format("sink '{}': cannot read the folder {}: {}", o.step, o.folder, failed.message())};
}

} // namespace leat
