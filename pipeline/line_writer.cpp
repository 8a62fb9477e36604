#include <leat/pipeline/line_writer.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>

#include <poll.h>
#include <unistd.h>

namespace leat {

bool line_writer::write(std::string_view text) noexcept {
  bool any = false;
  if (torn_ && !put("\n", any))
    return false;
  torn_ = any = false;
  const bool all = put(text, any);
  torn_ = any && !all;
  return all;
}

bool line_writer::put(std::string_view text, bool& any) noexcept {
  auto left = stuck_ ? duration::zero() : patience_;
  while (!text.empty()) {
    if (!await_room())
      return false;
    // A pipe that has room at all takes PIPE_BUF bytes without blocking.
    const auto written = ::write(fd_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0) {
      if (errno == EINTR || (errno == EAGAIN && patience_ == for_ever))
        continue;
      error_ = errno;
      if (errno == EAGAIN && left > duration::zero()) { // another writes to this terminal, which has room
        left -= 1ms;
        ::poll(nullptr, 0, 1);
        continue;
      }
      stuck_ = stuck_ || errno == EAGAIN;
      return false;
    }
    any = true;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool line_writer::await_room() noexcept {
  if (fd_ < 0) { // poll would ignore it, and wait
    error_ = EBADF;
    return false;
  }
  pollfd room{fd_, POLLOUT, 0};
  int ready = 0;
  do
    ready = ::poll(&room, 1, stuck_ ? 0 : static_cast<int>(patience_.count()));
  while (ready < 0 && errno == EINTR);
  stuck_ = ready == 0;
  if (ready > 0 && (room.revents & POLLNVAL) == 0)
    return true; // also after POLLERR: the write then says what is wrong
  error_ = ready == 0 ? EAGAIN : ready > 0 ? EBADF : errno;
  return false;
}

} // namespace leat
