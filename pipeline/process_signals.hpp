#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <optional>
#include <thread>

namespace leat {

/// Turns SIGINT and SIGTERM, and SIGUSR1 if somebody wants it, into calls on a thread of its own, from construction to
/// destruction.
///
/// Threads that are made later inherit the blocked signals, so that none of them is interrupted. One that was there before,
/// a client library's, may receive a signal and passes it on. The first SIGINT or SIGTERM calls `on_stop`. Those that
/// are looked at within `one_request` of that call's return are the same request, which has reached the process in several ways:
/// a terminal's Ctrl-C goes to a whole process group, and a parent in it may pass it on. A later one ends the process at once
/// with exit code 130. One at a time in a process.
class process_signals {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds one_request{1};

  /// @param on_report called at each SIGUSR1; none: that signal is left alone.
  /// @param now tells when a signal is looked at; called on the thread of this object.
  explicit process_signals(
    std::function<void()> on_stop, std::function<void()> on_report = {},
    std::function<clock::time_point()> now = clock::now);
  ~process_signals();

  process_signals(const process_signals&) = delete;
  process_signals& operator=(const process_signals&) = delete;

  /// Whether a stop was asked for: `on_stop` has returned.
  [[nodiscard]] bool received() const noexcept { return received_.load(std::memory_order_acquire); }

private:
  void watch();
  void obey(int signal);

  std::function<void()> on_stop_;
  std::function<void()> on_report_;
  std::function<clock::time_point()> now_;
  std::optional<clock::time_point> first_stop_; // of the thread
  std::atomic<bool> received_{false};
  std::atomic<bool> done_{false};
  std::map<int, struct sigaction> before_; // what signals did, to be restored
  std::thread thread_;
};

} // namespace leat
