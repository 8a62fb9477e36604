#include <leat/pipeline/console.hpp>

#include <cstdlib>

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

} // namespace

console::console(int out, int err)
  : interactive_{can_redraw(err)}, shared_screen_{interactive_ && ::isatty(out) == 1}, err_fd_{err},
    err_{err, log_patience}, out_{out, line_writer::for_ever} {}

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
