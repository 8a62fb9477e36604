#pragma once

#include <leat/actors/epochs/restored_state.hpp>
#include <leat/actors/partition_source.hpp>
#include <leat/actors/recovery/refusal_limit.hpp>
#include <leat/actors/running_job.hpp>
#include <leat/actors/stage_shell.hpp>
#include <leat/actors/tasks/in_flight_routes.hpp>
#include <leat/actors/tasks/task_assembly.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace leat {

/// Makes actors of a plan: spawns the shells, builds each actor's task, connects the channels between them, and starts
/// them, receivers first.
///
/// `spawn_stages` and `spawn_partition` make empty shells, so that every channel has both its ends before any task is built.
/// Used by the thread that starts the job and afterwards, for partitions found later, by the supervisor: never by two at
/// once.
class deployment {
public:
  /// An actor of the dataflow.
  struct instance : subtask {
    caf::actor actor;
    std::shared_ptr<wake_gate> gate;
    std::optional<partition> which{};       ///< of a source
    std::map<input_id, actor_id> senders{}; ///< who speaks to it, by input
  };

  deployment(caf::actor_system& system, const dataflow_plan& plan, const run_options& options, metrics& registry);

  /// Measures what is refused from now on.
  [[nodiscard]] refusal_limit limit_refusals(refusal_limit::clock::time_point now) const {
    return {options_.refusal_limit, plan_, registry_, now};
  }

  /// How many parts the plan has that no edge connects; see `components`.
  [[nodiscard]] std::size_t component_count() const noexcept;

  /// The component of a stage.
  [[nodiscard]] std::size_t component_of(std::size_t stage) const { return components_[stage]; }

  /// Spawns the actors of all stages but sources, and the aligner if one is needed.
  /// @param coordinators one for each component.
  void spawn_stages(const caf::actor& supervisor, std::vector<caf::actor> coordinators);

  /// Spawns the actor of partition `which` of the source in `stage`. From now on those that it is aligned with wait for it.
  instance& spawn_partition(std::size_t stage, const partition& which);

  /// Builds and starts the tasks of all stages but sources.
  /// @param settled for each component, the event time up to which an earlier run has delivered everything: where its
  /// watermarks start, those of the sources as well. Windows whose rows go into further windows start earlier, so that the
  /// windows behind them which are to come get all of their rows.
  /// @param from the checkpoint that the job goes on from, made to fit it.
  /// @throws state_error when the checkpoint does not fit.
  void start_stages(const std::vector<timestamp>& settled, const std::optional<stored_checkpoint>& from);

  /// What checkpoints say of the job, once its stages are started.
  [[nodiscard]] const checkpoint_manifest& description() const noexcept { return description_; }

  /// The uids of steps whose state the checkpoint has and the job has no place for.
  [[nodiscard]] std::set<std::string> dropped() const { return restored_ ? restored_->dropped() : std::set<std::string>{}; }

  /// The channels from `source` to its receivers, each receiver with the name it knows the channel by.
  struct connection {
    subtask_channel channel;
    caf::actor receiver;
    add_input input;
  };
  std::vector<connection> connect(const instance& source);

  /// Builds the task of `source`, a partition, connected as `connect` said, and starts it.
  /// @throws connector_error when the partition cannot be read.
  void start_partition(const instance& source, const std::vector<connection>& connections);

  /// Ends every actor at once, before what waits in its mailbox.
  void kill() const;

  [[nodiscard]] const std::vector<std::unique_ptr<instance>>& instances() const noexcept { return instances_; }
  [[nodiscard]] const dataflow_plan& plan() const noexcept { return plan_; }
  [[nodiscard]] const std::vector<caf::actor>& coordinators() const noexcept { return coordinators_; }

  /// Who aligns the watermarks of sources; none when no source asks for it.
  [[nodiscard]] const caf::actor& aligner() const noexcept { return aligner_; }

  /// Has every actor asked how far event time has come.
  void report_time(const leat::report_time& request) const;

  /// The actors of one kind in one component, as its coordinator knows them.
  [[nodiscard]] std::map<actor_id, participant> participants(stage_kind kind, std::size_t component) const;
  [[nodiscard]] participant participant_of(const instance& i) const;

private:
  using tasks = std::map<actor_id, std::shared_ptr<stage_task>>;

  using made_steps = std::map<actor_id, std::vector<step*>>;

  [[nodiscard]] std::unique_ptr<sink_end> make_end(const instance& i, flow& chain) const;
  void load(const stored_checkpoint& from, const made_steps& made);
  [[nodiscard]] bool overtakes(std::size_t stage) const;
  [[nodiscard]] wanted_states states_of(const made_steps& made) const;
  void describe(const made_steps& made);
  [[nodiscard]] in_flight_routes::partition_owners partition_owners() const;
  [[nodiscard]] state_snapshot snapshot_of(const instance& i, const std::vector<step*>& steps) const;
  timestamp start_of(std::size_t stage, const std::vector<timestamp>& settled, const tasks& built);
  instance& add_instance(std::size_t stage);
  instance& instance_of(actor_id id) const { return *instances_[id - 1]; }
  shell_options options_of(const instance& i) const;
  [[nodiscard]] std::size_t shards() const;
  assembled_task
  assemble(const instance& sender, const std::vector<connection>& connections, chain& steps, task_outputs& outputs);

  caf::actor_system& system_;
  const dataflow_plan& plan_;
  const run_options options_;
  metrics& registry_;
  const std::vector<std::size_t> components_; // by stage
  caf::actor supervisor_;
  std::vector<caf::actor> coordinators_; // by component
  caf::actor aligner_;
  execution_graph graph_;
  in_flight_routes routes_;
  checkpoint_manifest description_;
  std::shared_ptr<const restored_state> restored_; // null: the job starts anew
  std::uint64_t first_epoch_ = 1;
  std::optional<std::size_t> row_memory_;                        // all shards'; none: rows have to be in memory
  std::vector<std::unique_ptr<instance>> instances_;             // by their id, from 1
  std::map<actor_id, std::vector<restored_batch>> resent_;       // what was on its way at the checkpoint
  std::vector<std::optional<timestamp>> starts_;                 // by stage: where its watermark starts
  std::map<std::size_t, std::shared_ptr<refusal_log>> refusals_; // by stage, of sources
};

} // namespace leat
