#include <leat/apps/leat/kafka/progress_line.hpp>

#include <leat/apps/leat/text_table.hpp>
#include <leat/pipeline/console.hpp>

#include <fmt/format.h>

#include <unistd.h>

namespace leat::cli {

progress_line::progress_line(std::string_view what, bool prints)
  : what_{what}, on_{standard_console().interactive() && !(prints && ::isatty(STDOUT_FILENO) == 1)} {}

void progress_line::show(std::uint64_t count) {
  const auto now = clock::now();
  if (!on_ || now < next_)
    return;
  next_ = now + std::chrono::milliseconds{200};
  const auto seconds = std::chrono::duration<double>(now - start_).count();
  standard_console().set_status(fmt::format(
    "{} {}, {}/s", with_commas(count), what_,
    with_commas(static_cast<std::uint64_t>(static_cast<double>(count) / seconds))));
  drawn_ = true;
}

void progress_line::clear() {
  if (drawn_)
    standard_console().clear_status();
  drawn_ = false;
}

} // namespace leat::cli
