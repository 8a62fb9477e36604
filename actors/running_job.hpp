#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/actors/epochs/checkpoint_history.hpp>
#include <leat/actors/recovery/refusal_limit.hpp>
#include <leat/actors/recovery/restart_policy.hpp>
#include <leat/actors/time/time_report.hpp>
#include <leat/base/metrics.hpp>
#include <leat/base/settings.hpp>
#include <leat/persistence/checkpoint_storage.hpp>

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace leat {

/// How a job takes checkpoints.
struct checkpoint_options {
  std::string directory;                         ///< where they are kept; empty: see `storage`
  std::shared_ptr<checkpoint_storage> storage{}; ///< none and no directory: positions are committed with the settled time
  duration interval = 1s;                        ///< from the beginning of one to that of the next; at least 1 ms
  duration min_pause = 0s;                       ///< from the end of one to the beginning of the next
  duration timeout = 10min;                      ///< how long one may take before it is given up
  std::string from{};                            ///< what a job without checkpoints begins with; see `stored_checkpoints`
  bool allow_dropped_state = false;              ///< begin also when state is left that the job has no place for
  retain_options retain{};                       ///< which are kept beside the last
  std::optional<std::size_t> memory{};  ///< about how many bytes the rows of all shards may take; none: what they need
  std::size_t load_at_start = 64 << 20; ///< without that: of so much state or more, each key is read when it first comes

  /// How long barriers wait behind records before they overtake them, which are then part of the checkpoint; 0: not at all. None:
  /// they always wait. The default is long beside what alignment takes in a job that keeps up, and short beside what it takes
  /// under backpressure.
  std::optional<duration> alignment_timeout = 250ms;
  bool must_overtake = false; ///< a job whose records cannot be written as bytes is refused; otherwise its barriers wait

  std::optional<std::uint32_t> tolerable_failures{}; ///< in a row, before the job fails; none: any number
  std::size_t history = 10;                          ///< of how many it is known what they took
};

/// How a job is run: what `settings` say, as numbers.
struct run_options {
  std::uint32_t threads = 0;                               ///< worker threads of the actors; 0: one per core
  std::uint32_t parallelism = 0;                           ///< actors of a stage that does not say; 0: one per core
  std::uint32_t max_parallelism = default_max_parallelism; ///< key groups, and so the most shards a step can have
  std::uint32_t credit = 8;                                ///< batches each channel grants; at least 1
  duration commit_interval = 1s;                           ///< how often a new epoch begins; at least 1 ms
  duration idle_timeout = 30s;           ///< a partition without records for so long holds no watermark up
  duration drain_deadline = 20s;         ///< how long `stop` may take before the job is abandoned
  bool dead_letters = true;              ///< write dead letters out; otherwise they are only counted
  refusal_limit_options refusal_limit{}; ///< above which the job stops, and is not started again
  bool bounded = false;                  ///< read up to what is the end now, then end
  checkpoint_options checkpoints{};
  restart_options restart{}; ///< what happens when the job fails
  std::stop_token stop{};    ///< requested while the job starts: wait no longer for a source or sink that does not answer
};

/// The options as `settings` give them.
/// @throws config_error for values out of range, naming origin and key.
run_options run_options_from(const settings& config);

/// What has come of a request for a savepoint.
struct savepoint_outcome {
  std::string path;    ///< where it is
  std::string failure; ///< why there is none; empty: there is one
};

/// How a job has ended.
struct job_result {
  bool failed = false;
  std::string reason; ///< of the failure: which actor or step, and why; or which positions could not be stored at the end
  bool final = false; ///< starting it again would not help
};

/// A dataflow that runs in actors of its own, on threads of its own.
///
/// Lifecycle: constructed running, or throws; ends by itself when all its sources do, when `stop` was called, or when an
/// actor fails and `run_options::restart` does not let it start again; then `wait` returns. While somebody waits it is
/// restarted from the last checkpoint, or from the positions that were committed. Destroying it before stops it at once and loses nothing that was committed.
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

  /// Takes a checkpoint and keeps a copy of it. The future breaks when the job ends before. Any thread.
  [[nodiscard]] std::future<savepoint_outcome> take_savepoint();

  /// Stops the job, which takes its last checkpoint, and keeps a copy of that. The future is ready when the job has ended.
  [[nodiscard]] std::future<savepoint_outcome> stop_with_savepoint();

  /// Waits until the job has ended. One thread waits.
  job_result wait();

  /// Waits at most `time`; nothing when the job still runs.
  std::optional<job_result> wait_for(duration time);

  /// What the last checkpoints took, as many as `checkpoint_options::history` says, the newest last: those of the attempt that
  /// runs. For any thread; waits for the coordinator.
  [[nodiscard]] std::vector<checkpoint_summary> checkpoints() const;

  /// How far event time has come in each step, and what holds it where: why nothing comes out. Asks every actor, and waits at
  /// most a little longer than `patience`; who has not answered by then is named in the report.
  /// @returns nothing when the job has ended.
  [[nodiscard]] std::optional<time_report> explain_time(duration patience = 1s) const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace leat
