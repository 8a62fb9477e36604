#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace leat::testing {

/// A program run as a child of the test. It dies with the test, however that ends: the kernel kills it when the thread
/// that started it is gone, so start it from a thread that lives as long as it is needed.
class process {
public:
  /// @param command the program, found by PATH, and its arguments.
  /// @param output gets standard output and standard error, appended.
  process(const std::vector<std::string>& command, const std::filesystem::path& output);

  /// Kills it.
  ~process();

  process(const process&) = delete;
  process& operator=(const process&) = delete;

  void signal(int number) const;

  /// Waits until it has ended and returns its exit code, or 128 + the signal that ended it.
  int wait();

  [[nodiscard]] bool running();

  /// How long it kept a core busy, user and system time of all its threads, in seconds; 0 until its end was seen.
  [[nodiscard]] double cpu_seconds() const noexcept { return cpu_seconds_; }

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
  bool reap(int options);

  pid_t pid_ = -1;
  bool ended_ = false;
  int code_ = 0;
  double cpu_seconds_ = 0;
};

/// A TCP port of 127.0.0.1 that nobody listened on a moment ago.
int free_port();

/// Whether somebody accepts connections at this port of 127.0.0.1.
bool accepts_connections(int port);

} // namespace leat::testing
