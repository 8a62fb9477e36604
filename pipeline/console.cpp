#include <leat/pipeline/console.hpp>

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace leat {

namespace {

constexpr duration log_patience = 100ms;

// "Carriage return, erase to the end of the line": ECMA-48, understood by every terminal that is not "dumb".
constexpr std::string_view erase = "\r\x1b[K";

bool can_redraw(int fd) {
  const char* kind = std::getenv("TERM");
  return ::isatty(fd) == 1 && kind && std::string_view{kind} != "dumb";
}

/// Two that write to one terminal wait for each other inside of the kernel, however much room there is: while nobody reads, a
/// log line would wait for the results in front of it. To block or not belongs to an open file, which a terminal has in common
/// with other programs, so it is opened once more.
int open_again(int fd) {
  if (::isatty(fd) != 1)
    return -1;
  const auto path = "/proc/self/fd/" + std::to_string(fd);
  return ::open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

} // namespace

console::console(int out, int err)
  : interactive_{can_redraw(err)}, shared_screen_{interactive_ && ::isatty(out) == 1}, err_fd_{err},
    screen_fd_{open_again(err)}, err_{screen_fd_ >= 0 ? screen_fd_ : err, log_patience}, out_{out, line_writer::for_ever} {}

console::~console() {
  if (screen_fd_ >= 0)
    ::close(screen_fd_);
}

std::size_t console::width() const noexcept {
  winsize size{};
  return ::ioctl(err_fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool console::log(std::string_view lines) {
  const std::lock_guard lock{m_};
  if (!drawn_)
    return err_.write(lines);
  std::string all{erase};
  all += lines;
  all += status_;
  return err_.write(all);
}

int console::last_error() const {
  const std::lock_guard lock{m_};
  return err_.last_error();
}

bool console::print(std::string_view lines) {
  const std::lock_guard lock{out_m_};
  if (!shared_screen_)
    return out_.write(lines);
  hide_status(true);
  const bool written = out_.write(lines); // may take for ever on a stopped terminal: m_ is free, so logging goes on
  hide_status(false);
  return written;
}

void console::set_status(std::string line) {
  const std::lock_guard lock{m_};
  status_ = std::move(line);
  redraw();
}

void console::clear_status() { set_status({}); }

void console::hide_status(bool hidden) {
  const std::lock_guard lock{m_};
  hidden_ = hidden;
  redraw();
}

void console::redraw() {
  const bool draw = !hidden_ && !status_.empty();
  if (draw || drawn_)
    (void)err_.write(draw ? std::string{erase} + status_ : std::string{erase});
  drawn_ = draw;
}

console& standard_console() {
  static console& only = *new console{STDOUT_FILENO, STDERR_FILENO}; // never destroyed: used while the program ends
  return only;
}

} // namespace leat
