#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace leat {

/// Turns SIGINT and SIGTERM, and SIGUSR1 if somebody wants it, into calls on a thread of its own, from construction to
/// destruction.
///
/// Make it before any other thread: threads inherit the blocked signals, so that none of them is interrupted. The first
/// SIGINT or SIGTERM calls `on_stop`; a second one ends the process at once with exit code 130. One at a time in a process.
class process_signals {
public:
  /// @param on_report called at each SIGUSR1; none: that signal is left alone.
  explicit process_signals(std::function<void()> on_stop, std::function<void()> on_report = {});
  ~process_signals();

  process_signals(const process_signals&) = delete;
  process_signals& operator=(const process_signals&) = delete;

  /// Whether a stop was asked for.
  [[nodiscard]] bool received() const noexcept { return received_.load(std::memory_order_acquire); }

private:
  void watch();

  std::function<void()> on_stop_;
  std::function<void()> on_report_;
  std::atomic<bool> received_{false};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

} // namespace leat
