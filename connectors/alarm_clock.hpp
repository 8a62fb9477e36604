#pragma once

#include <leat/connectors/source.hpp>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

namespace leat {

/// Calls wakers when their time has come, on a thread of its own: for readers of what comes by the clock. Thread-safe.
class alarm_clock {
public:
  using clock = std::chrono::steady_clock;

  alarm_clock() : thread_{[this](const std::stop_token& stop) { run(stop); }} {}

  /// Calls `wake` once, at `when` or soon after; not at all when the clock is gone by then.
  void wake_at(clock::time_point when, waker wake) {
    {
      const std::lock_guard lock{mutex_};
      alarms_.emplace(when, std::move(wake));
    }
    changed_.notify_one();
  }

private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
      const auto next = alarms_.empty() ? clock::now() + std::chrono::hours{1} : alarms_.begin()->first;
      if (next > clock::now()) {
        changed_.wait_until(lock, stop, next, [&] { return !alarms_.empty() && alarms_.begin()->first < next; });
        continue;
      }
      const auto wake = std::move(alarms_.extract(alarms_.begin()).mapped());
      lock.unlock();
      wake();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::multimap<clock::time_point, waker> alarms_; // guarded by mutex_
  std::jthread thread_;                            // last: it uses the others
};

} // namespace leat
