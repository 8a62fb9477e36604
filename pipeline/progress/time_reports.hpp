#pragma once

#include <leat/actors/running_job.hpp>

#include <atomic>
#include <chrono>

namespace leat {

/// Has the reports of event time asked for by one thread, such as that of a signal, and logged by another.
class time_report_requests {
public:
  /// Thread-safe.
  void ask() noexcept { asked_.store(true, std::memory_order_release); }

  /// Whether somebody has asked since the last call. Thread-safe.
  [[nodiscard]] bool take() noexcept { return asked_.exchange(false, std::memory_order_acq_rel); }

private:
  std::atomic<bool> asked_{false};
};

/// Logs, at level info, how far event time is in a running job and what holds it: whenever it is asked for and, if that is
/// wanted, every ten seconds, before a stop, and at the end of the input.
///
/// Used by one thread, but for `before_stop`.
class time_reports {
public:
  using clock = std::chrono::steady_clock;

  /// @param of and `requests` outlive this.
  /// @param regularly also without being asked.
  time_reports(const running_job& of, time_report_requests& requests, bool regularly, clock::time_point now) noexcept
    : of_{of}, requests_{requests}, regularly_{regularly}, last_{now} {}

  /// Called several times a second: logs a report when one is due.
  void look(clock::time_point now);

  /// Logs how things stood when somebody lost patience. From any thread.
  void before_stop() const;

  /// Logs what was refused for its time by a job that has come to its end.
  void at_end(const dataflow_plan& plan, const metrics& registry) const;

private:
  void log_report() const;

  const running_job& of_;
  time_report_requests& requests_;
  const bool regularly_;
  clock::time_point last_;
};

} // namespace leat
