#pragma once

#include <leat/actors/deployment.hpp>
#include <leat/actors/job_outcome.hpp>

#include <future>
#include <memory>
#include <vector>

namespace leat {

/// All the actors of a job, in an actor system that belongs to somebody else: `running_job`'s has threads, that of the
/// deterministic tests is turned by hand.
///
/// Used by one thread. Whoever owns it sees to it that the actors have ended before the plan goes.
class job_actors {
public:
  /// @param plan, valid, `registry` and the system outlive this.
  job_actors(caf::actor_system& system, const dataflow_plan& plan, const run_options& options, metrics& registry);

  /// Opens sources and sinks, spawns and connects the actors, starts them, and looks out for new partitions.
  /// @param config for the connectors; outlives the actors.
  /// @throws config_error, connector_error, or pipeline_error for two sources that would overwrite each other's positions,
  ///         when it cannot start; `kill` then ends what was spawned.
  void start(const settings* config);

  /// Whether the supervisor has taken over: from then on only it knows all the actors.
  [[nodiscard]] bool supervised() const noexcept { return supervised_; }

  /// Ends every actor that there was at the start at once, before what waits in its mailbox.
  void kill() const;

  /// Asks all actors how far event time has come. The future breaks when the job has ended.
  /// @param patience who has not answered by then is named in the report.
  [[nodiscard]] std::future<time_report> explain_time(duration patience) const;

  /// Has a checkpoint taken and copied. The future breaks when the job ends before.
  [[nodiscard]] std::future<savepoint_outcome> take_savepoint() const;

  /// What the last checkpoints took, the newest last. The future breaks when the job has ended.
  [[nodiscard]] std::future<std::vector<checkpoint_summary>> checkpoints() const;

  [[nodiscard]] const caf::actor& supervisor() const noexcept { return supervisor_; }
  [[nodiscard]] job_outcome& outcome() noexcept { return *outcome_; }

private:
  struct found_partition {
    std::size_t stage = 0;
    partition which;
  };

  void restore();
  void spawn_coordinators();
  std::vector<found_partition> open_connectors(const settings* config);
  std::vector<timestamp> settled() const;
  void supervise_all();
  void watch_sources();

  caf::actor_system& system_;
  const dataflow_plan& plan_;
  const run_options options_;
  metrics& registry_;
  std::shared_ptr<deployment> dataflow_;
  std::shared_ptr<job_outcome> outcome_ = std::make_shared<job_outcome>();
  caf::actor supervisor_;
  std::vector<caf::actor> coordinators_;  // by component
  std::vector<timestamp> settled_;        // by component
  std::optional<stored_checkpoint> last_; // what it goes on from, until the stages have it
  std::uint64_t restored_epoch_ = 0;      // 0: the job starts anew
  caf::actor store_;                      // none without checkpoints
  bool supervised_ = false;
};

} // namespace leat
