#include <leat/apps/leat/kafka/line_input.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace leat::cli {

namespace {

constexpr std::size_t chunk = 256 * 1024;

int open_input(const std::string& path) {
  const int fd = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    throw config_error{fmt::format("{}: cannot be opened: {}", path, std::strerror(errno))};
  return fd;
}

} // namespace

line_input::line_input(const std::string& path) : path_{path}, fd_{open_input(path)} {}

line_input::~line_input() {
  if (fd_ != STDIN_FILENO)
    ::close(fd_);
}

line_input::state line_input::next(std::chrono::milliseconds patience) {
  while (!take_line()) {
    if (ended_)
      return state::end;
    if (!fill(patience))
      return state::pending;
  }
  return state::line;
}

/// @returns whether there is a line.
bool line_input::take_line() {
  for (;;) {
    const auto end = buffer_.find('\n', begin_ + scanned_);
    const bool whole = end != std::string::npos;
    const auto size = (whole ? end : buffer_.size()) - begin_;
    if (!whole && size <= longest && (!ended_ || size == 0)) {
      scanned_ = size;
      return false;
    }
    line_ = std::string_view{buffer_}.substr(begin_, std::min(size, longest));
    begin_ += size + (whole ? 1 : 0);
    scanned_ = 0;
    if (std::exchange(skipping_, !whole && !ended_))
      continue; // the rest of one that was too long
    too_long_ = size > longest;
    ++number_;
    return true;
  }
}

/// @returns whether something has come, or the end.
bool line_input::fill(std::chrono::milliseconds patience) {
  pollfd ready{fd_, POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(patience.count())) <= 0)
    return false;
  buffer_.erase(0, begin_);
  begin_ = 0;
  const auto before = buffer_.size();
  buffer_.resize(before + chunk);
  const auto got = ::read(fd_, buffer_.data() + before, chunk);
  buffer_.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
  if (got < 0 && errno != EINTR && errno != EAGAIN)
    throw state_error{fmt::format("{}: cannot be read: {}", path_, std::strerror(errno))};
  ended_ = got == 0;
  return true;
}

} // namespace leat::cli
