#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <map>
#include <thread>

namespace leat {

/// Turns SIGINT and SIGTERM, and SIGUSR1 if somebody wants it, into calls on a thread of its own, from construction to
/// destruction.
///
/// Threads that are made later inherit the blocked signals, so that none of them is interrupted. One that was there before,
/// a client library's, may receive a signal and passes it on. The first SIGINT or SIGTERM calls `on_stop`; a second one ends
/// the process at once with exit code 130. One at a time in a process.
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
  void obey(int signal);

  std::function<void()> on_stop_;
  std::function<void()> on_report_;
  std::atomic<bool> received_{false};
  std::atomic<bool> done_{false};
  std::map<int, struct sigaction> before_; // what signals did, to be restored
  std::thread thread_;
};

} // namespace leat
