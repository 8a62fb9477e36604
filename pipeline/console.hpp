#pragma once

#include <leat/pipeline/line_writer.hpp>

#include <mutex>
#include <string>
#include <string_view>

namespace leat {

/// Standard output and standard error of a program that shows a line of progress, which is drawn over again and again.
///
/// Whatever else is written while that line stands (log messages, results) first clears it and afterwards draws it again;
/// without that, terminals show torn lines. Every line that a running job prints therefore goes through here.
///
/// Thread-safe. Log and progress lines are lost rather than waited for; results are waited for.
class console {
public:
  /// The descriptors stay the caller's and outlive the console.
  console(int out, int err);
  console(const console&) = delete;
  console& operator=(const console&) = delete;
  ~console();

  /// Whether a line can be drawn over on standard error: it is a terminal that knows how.
  [[nodiscard]] bool interactive() const noexcept { return interactive_; }

  /// Columns of standard error's terminal now; 80 when there is none.
  [[nodiscard]] std::size_t width() const noexcept;

  /// Writes whole lines to standard error. Returns false when they were lost.
  bool log(std::string_view lines);

  /// The `errno` behind the last lost log line.
  [[nodiscard]] int last_error() const;

  /// Writes whole lines to standard output and waits until they are taken. Returns false when standard output is closed,
  /// broken or full.
  bool print(std::string_view lines);

  /// Draws `line`, which should be shorter than `width()` and holds no line break, over the last one.
  void set_status(std::string line);

  /// Removes the drawn line.
  void clear_status();

private:
  void hide_status(bool hidden);
  void redraw(); // m_ is held

  const bool interactive_;
  const bool shared_screen_; // results and progress go to terminals
  const int err_fd_;
  const int screen_fd_; // standard error's terminal, opened once more so that no write to it blocks; -1: there is none
  mutable std::mutex m_;
  line_writer err_; // guarded by m_, as the next three
  std::string status_;
  bool hidden_ = false; // results are being printed
  bool drawn_ = false;  // the line is on the screen
  std::mutex out_m_;    // taken before m_
  line_writer out_;     // guarded by out_m_
};

/// The console of this process; lives to its very end.
[[nodiscard]] console& standard_console();

} // namespace leat
