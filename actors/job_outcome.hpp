#pragma once

#include <leat/actors/running_job.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace leat {

/// Where the supervisor leaves how the job has ended, and other threads wait for it. The first outcome stands.
///
/// Thread-safe.
class job_outcome {
public:
  void set(job_result result) {
    {
      const std::lock_guard lock{m_};
      if (result_)
        return;
      result_ = std::move(result);
    }
    changed_.notify_all();
  }

  [[nodiscard]] job_result wait() {
    std::unique_lock lock{m_};
    changed_.wait(lock, [this] { return result_.has_value(); });
    return *result_;
  }

  /// Without time it only looks, which costs no call of the system.
  [[nodiscard]] std::optional<job_result> wait_for(duration time) {
    std::unique_lock lock{m_};
    if (time > duration{0})
      changed_.wait_for(lock, time, [this] { return result_.has_value(); });
    return result_;
  }

private:
  std::mutex m_;
  std::condition_variable changed_;
  std::optional<job_result> result_; // guarded by m_
};

} // namespace leat
