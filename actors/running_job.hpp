#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/actors/time/time_report.hpp>
#include <leat/base/metrics.hpp>
#include <leat/base/settings.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace leat {

/// How a job is run: what `settings` say, as numbers.
struct run_options {
  std::uint32_t threads = 0;                               ///< worker threads of the actors; 0: one per core
  std::uint32_t parallelism = 0;                           ///< actors of a stage that does not say; 0: one per core
  std::uint32_t max_parallelism = default_max_parallelism; ///< key groups, and so the most shards a step can have
  std::uint32_t credit = 8;                                ///< batches each channel grants; at least 1
  duration commit_interval = 1s;                           ///< how often a new epoch begins; at least 1 ms
  duration idle_timeout = 30s;   ///< a partition without records for so long holds no watermark up
  duration drain_deadline = 20s; ///< how long `stop` may take before the job is abandoned
  bool dead_letters = true;      ///< write dead letters out; otherwise they are only counted
  bool bounded = false;          ///< read up to what is the end now, then end
  std::stop_token stop{}; ///< requested while the job starts: wait no longer for a source or sink that does not answer
};

/// The options as `settings` give them.
/// @throws config_error for values out of range, naming origin and key.
run_options run_options_from(const settings& config);

/// How a job has ended.
struct job_result {
  bool failed = false;
  std::string reason; ///< of the failure: which actor or step, and why; or which positions could not be stored at the end
};

/// A dataflow that runs in actors of its own, on threads of its own.
///
/// Lifecycle: constructed running, or throws; ends by itself when all its sources do, when `stop` was called, or when an
/// actor fails; then `wait` returns. Destroying it before stops it at once and loses nothing that was committed.
/// `stop`, `wait_for`, `explain_time` and the metrics may be used from any thread.
class running_job {
public:
  /// Opens sources and sinks, then starts the actors.
  /// @param config and `registry` must outlive the job.
  /// @throws pipeline_error, config_error or connector_error when it cannot start; nothing runs then.
  running_job(const dataflow_plan& plan, const run_options& options, const settings& config, metrics& registry);
  ~running_job();

  running_job(const running_job&) = delete;
  running_job& operator=(const running_job&) = delete;

  /// Asks the job to read no more, deliver what is under way, commit and end. Returns at once; calling again changes
  /// nothing.
  void stop();

  /// Waits until the job has ended.
  job_result wait();

  /// Waits at most `time`; nothing when the job still runs.
  std::optional<job_result> wait_for(duration time);

  /// How far event time has come in each step, and what holds it where: why nothing comes out. Asks every actor, and waits at
  /// most a little longer than `patience`; who has not answered by then is named in the report.
  /// @returns nothing when the job has ended.
  [[nodiscard]] std::optional<time_report> explain_time(duration patience = 1s) const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace leat
