#pragma once

#include <leat/base/time.hpp>

#include <string_view>

namespace leat {

/// Writes whole lines to a file descriptor, and gives a line up rather than stop the program.
///
/// A log must not decide whether a job runs: the disk is full, the reader of a pipe has gone or stands still, the
/// terminal is stopped by ^S, the stream was closed. Then lines are lost, the caller is told, and writing is tried again
/// with the next line. A line of which only a part was written is ended before the next one begins.
///
/// Expects SIGPIPE and SIGXFSZ to be ignored (`protect_standard_streams`). Not thread-safe.
class line_writer {
public:
  /// Waits as long as it takes: for results, which must not be lost.
  static constexpr duration for_ever{-1};

  /// @param fd stays the caller's.
  /// @param patience how long a line may wait for room; only the first of several, later ones find out at once.
  line_writer(int fd, duration patience) noexcept : fd_{fd}, patience_{patience} {}

  /// Writes `text`, which ends with a newline unless it is to be continued. Returns false when it was lost.
  [[nodiscard]] bool write(std::string_view text) noexcept;

  /// The `errno` of the last line that was lost; EAGAIN when there was no room in time.
  [[nodiscard]] int last_error() const noexcept { return error_; }

private:
  bool put(std::string_view text, bool& any) noexcept;
  bool await_room() noexcept;

  const int fd_;
  const duration patience_;
  int error_ = 0;
  bool stuck_ = false; // there was no room the last time
  bool torn_ = false;  // a part of a line was written
};

} // namespace leat
