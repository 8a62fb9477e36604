#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace leat {

/// Turns SIGINT and SIGTERM into calls on a thread of its own, from construction to destruction.
///
/// Make it before any other thread: threads inherit the blocked signals, so that none of them is interrupted. The first
/// signal calls `on_stop`; a second one ends the process at once with exit code 130. One at a time in a process.
class stop_signals {
public:
  explicit stop_signals(std::function<void()> on_stop);
  ~stop_signals();

  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Whether a signal has come.
  [[nodiscard]] bool received() const noexcept { return received_.load(std::memory_order_acquire); }

private:
  void watch();

  std::function<void()> on_stop_;
  std::atomic<bool> received_{false};
  std::atomic<bool> done_{false};
  std::thread thread_;
};

} // namespace leat
