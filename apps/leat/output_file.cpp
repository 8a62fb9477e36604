#include <leat/apps/leat/output_file.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace leat::cli {

namespace {

bool is_no_file(const std::string& path) {
  std::error_code unknown;
  const auto there = std::filesystem::status(path, unknown);
  return std::filesystem::exists(there) && !std::filesystem::is_regular_file(there);
}

open_file open_for_writing(const std::string& path) {
  return open_file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
}

} // namespace

output_file::output_file(std::string path)
  : path_{std::move(path)}, unfinished_{is_no_file(path_) ? "" : path_ + ".unfinished"},
    file_{open_for_writing(unfinished_.empty() ? path_ : unfinished_)}, to_{file_.get(), line_writer::for_ever} {
  if (!file_)
    fail(errno);
}

output_file::~output_file() {
  if (!unfinished_.empty())
    ::unlink(unfinished_.c_str());
}

void output_file::write(std::string_view text) {
  if (!to_.write(text))
    fail(to_.last_error());
}

void output_file::finish() {
  if (unfinished_.empty())
    return;
  // Some file systems find out only now that they have no room.
  if (::fsync(file_.get()) != 0 || ::rename(unfinished_.c_str(), path_.c_str()) != 0)
    fail(errno);
  unfinished_.clear();
}

void output_file::fail(int error) const {
  throw state_error{fmt::format("{}: cannot be written: {}", path_, std::strerror(error))};
}

} // namespace leat::cli
