#pragma once

#include <leat/pipeline/process_signals.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace leat::cli {

/// Ctrl-C and SIGTERM, for commands that go on until one comes and then end by themselves. A second one, a second or more later,
/// ends the program at once. Made before any thread of a client library's: those must not receive signals.
class interruption {
public:
  interruption() : signals_{[this] { ask(); }} {}

  [[nodiscard]] bool asked() const {
    const std::lock_guard lock{m_};
    return asked_;
  }

  /// For what waits by itself.
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

  /// Waits for one. @returns whether it has come.
  bool wait(std::chrono::milliseconds patience) {
    std::unique_lock lock{m_};
    return came_.wait_for(lock, patience, [this] { return asked_; });
  }

private:
  void ask() {
    const std::lock_guard lock{m_};
    asked_ = true;
    came_.notify_all();
    stop_.request_stop();
  }

  mutable std::mutex m_;
  std::condition_variable came_;
  bool asked_ = false; // guarded by m_
  std::stop_source stop_;
  process_signals signals_; // the last to be made: it calls the others
};

} // namespace leat::cli
