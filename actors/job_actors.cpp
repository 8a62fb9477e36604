#include <leat/actors/job_actors.hpp>

#include <leat/actors/epochs/checkpoint_coordinator.hpp>
#include <leat/actors/epochs/commit_coordinator.hpp>
#include <leat/actors/job_supervisor.hpp>
#include <leat/actors/recovery/state_adaptation.hpp>
#include <leat/base/error.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <utility>

namespace leat {

namespace {

/// Which source keeps the position of which partition where.
class position_owners {
public:
  /// @throws pipeline_error when another source keeps that of one of the partitions in the same place.
  void claim(const std::string& step, const position_store& where, const std::vector<partition>& partitions) {
    if (where.name.empty())
      return;
    for (const auto& which : partitions)
      if (const auto [owner, fresh] = owners_.try_emplace({where.name, which}, step); !fresh)
        throw pipeline_error{fmt::format(
          "sources '{}' and '{}' both keep their position in {} in {}: each would overwrite the other's, and a restart "
          "would skip records. Make one source and copy its stream, both branches then read the same records; or {}",
          owner->second, step, to_string(which), where.name, where.advice)};
  }

private:
  std::map<std::pair<std::string, partition>, std::string> owners_;
};

/// All actors, as the coordinator of checkpoints knows them.
checkpointing everybody(const deployment& dataflow, const caf::actor& supervisor) {
  checkpointing all{dataflow.participants(stage_kind::source, 0), {}, supervisor};
  for (const auto kind : {stage_kind::keyed, stage_kind::worker, stage_kind::sink})
    all.others.merge(dataflow.participants(kind, 0));
  return all;
}

/// Barriers may overtake if all records can be written as bytes.
/// @throws pipeline_error when they cannot, and have to.
run_options with_overtaking(run_options options, const dataflow_plan& plan) {
  auto& how = options.checkpoints;
  if (!how.storage || !how.alignment_timeout)
    return options;
  const auto mistake = unwritable_records(plan);
  if (mistake.empty())
    return options;
  if (how.must_overtake)
    throw pipeline_error{fmt::format(
      "checkpoints.alignment-timeout: {}; or leave the setting out, so that barriers wait behind records", mistake)};
  spdlog::info("under backpressure, checkpoints wait until records have been worked on: {}", mistake);
  how.alignment_timeout.reset();
  return options;
}

} // namespace

job_actors::job_actors(caf::actor_system& system, const dataflow_plan& plan, const run_options& options, metrics& registry)
  : system_{system}, plan_{plan}, options_{with_overtaking(options, plan)}, registry_{registry},
    dataflow_{std::make_shared<deployment>(system, plan, options_, registry)} {}

void job_actors::start(const settings* config) {
  restore();
  const auto partitions = open_connectors(config);
  supervisor_ = system_.spawn(job_supervisor, source_tick_interval);
  spawn_coordinators();
  dataflow_->spawn_stages(supervisor_, coordinators_);
  std::vector<deployment::instance*> sources;
  for (const auto& found : partitions)
    sources.push_back(&dataflow_->spawn_partition(found.stage, found.which));
  settled_ = settled();
  dataflow_->start_stages(settled_, std::exchange(last_, std::nullopt));
  if (options_.checkpoints.storage)
    options_.checkpoints.storage->describe(dataflow_->description(), dataflow_->dropped());

  // Every receiver knows all its inputs before the first of them speaks: what lies in a mailbox first is handled first.
  std::vector<std::vector<deployment::connection>> connections;
  for (const auto* source : sources) {
    connections.push_back(dataflow_->connect(*source));
    for (const auto& c : connections.back())
      caf::anon_send(c.receiver, c.input);
  }
  supervise_all();
  for (std::size_t i = 0; i < sources.size(); ++i)
    dataflow_->start_partition(*sources[i], connections[i]);
  watch_sources();
}

/// @throws pipeline_error when a sink asks for what only checkpoints can give. @throws state_error when the checkpoint is of another
/// job, or does not fit this one.
void job_actors::restore() {
  const auto& storage = options_.checkpoints.storage;
  if (!storage) {
    for (const auto& stage : plan_.stages)
      if (stage.guarantee == delivery::exactly_once)
        throw pipeline_error{fmt::format(
          "sink '{}' asks for exactly-once delivery, which needs checkpoints: say where they are kept "
          "(checkpoints.directory), or leave .exactly_once() out",
          stage.name)};
    return;
  }
  last_ = storage->last();
  if (!last_)
    return void(
      spdlog::info("job '{}' begins without state: '{}' has no checkpoint yet", plan_.job, options_.checkpoints.directory));
  if (!last_->foreign)
    last_->manifest.check_job(plan_.job);
  last_->manifest.check_key_groups(plan_.max_parallelism);
  check_places(last_->manifest, plan_);
  restored_epoch_ = last_->epoch;
  const auto& from = options_.checkpoints.from;
  spdlog::info(
    "job '{}' goes on from checkpoint {} of {} in '{}'{}", plan_.job, last_->epoch, format_timestamp(last_->manifest.time),
    last_->foreign ? from : options_.checkpoints.directory,
    last_->foreign || from.empty() ? "" : fmt::format(", its own; '{}' (checkpoints.from) is not used", from));
}

void job_actors::spawn_coordinators() {
  const auto& how = options_.checkpoints;
  if (!how.storage) {
    for (std::size_t i = 0; i < dataflow_->component_count(); ++i)
      coordinators_.push_back(system_.spawn(commit_coordinator, options_.commit_interval));
    return;
  }
  store_ = how.storage->blocks() ? system_.spawn<caf::detached>(checkpoint_store_actor, how.storage)
                                 : system_.spawn(checkpoint_store_actor, how.storage);
  coordinators_.push_back(system_.spawn(
    checkpoint_coordinator,
    checkpoint_tools{
      checkpoint_ledger{{how.interval, how.min_pause, how.timeout}, restored_epoch_}, store_, how.storage, how.retain,
      &registry_, how.alignment_timeout, how.tolerable_failures, how.history}));
}

void job_actors::kill() const {
  dataflow_->kill();
  for (const auto& coordinator : coordinators_)
    caf::anon_send_exit(coordinator, caf::exit_reason::kill);
  if (supervisor_)
    caf::anon_send_exit(supervisor_, caf::exit_reason::kill);
}

std::future<time_report> job_actors::explain_time(duration patience) const {
  auto answer = std::make_shared<std::promise<time_report>>();
  auto report = answer->get_future();
  caf::anon_send<caf::message_priority::high>(supervisor_, report_time{patience, std::move(answer)});
  return report;
}

std::future<savepoint_outcome> job_actors::take_savepoint() const {
  auto answer = std::make_shared<std::promise<savepoint_outcome>>();
  auto outcome = answer->get_future();
  if (store_)
    caf::anon_send(coordinators_.front(), leat::take_savepoint{std::move(answer)});
  else
    answer->set_value({{}, "the job takes no checkpoints: say where they are kept (checkpoints.directory)"});
  return outcome;
}

std::future<std::vector<checkpoint_summary>> job_actors::checkpoints() const {
  auto answer = std::make_shared<std::promise<std::vector<checkpoint_summary>>>();
  auto summaries = answer->get_future();
  if (store_)
    caf::anon_send(coordinators_.front(), tell_checkpoints{std::move(answer)});
  else
    answer->set_value({});
  return summaries;
}

std::vector<job_actors::found_partition> job_actors::open_connectors(const settings* config) {
  std::vector<found_partition> partitions;
  position_owners owners;
  for (std::size_t s = 0; s < plan_.stages.size(); ++s) {
    const auto& stage = plan_.stages[s];
    connector_context context{
      plan_.job,     stage.name,   config, &registry_, options_.bounded, restored_epoch_ != 0, options_.dead_letters,
      options_.stop, uid_of(stage)};
    context.origins = wants_origins(plan_, s);
    if (stage.source && last_)
      context.read = read_so_far(*last_, context.uid);
    if (stage.sink)
      stage.sink->open(context);
    if (!stage.source)
      continue;
    auto found = stage.source->open(context);
    owners.claim(stage.name, stage.source->positions(), found);
    for (auto& which : found)
      partitions.push_back({s, std::move(which)});
  }
  return partitions;
}

/// By component, the latest of its sources: each commits by itself, and a crash may come between two commits.
std::vector<timestamp> job_actors::settled() const {
  std::vector<timestamp> latest(dataflow_->component_count(), min_timestamp);
  if (options_.checkpoints.storage)
    return latest; // state comes back with the positions: nothing has to be read again
  for (std::size_t s = 0; s < plan_.stages.size(); ++s)
    if (const auto& source = plan_.stages[s].source) {
      auto& of_component = latest[dataflow_->component_of(s)];
      of_component = std::max(of_component, source->settled());
    }
  return latest;
}

/// With high priority: so are the reports of the actors sent, which must not overtake this.
void job_actors::supervise_all() {
  if (store_)
    caf::anon_send<caf::message_priority::high>(coordinators_.front(), everybody(*dataflow_, supervisor_));
  for (std::size_t i = 0; !store_ && i < coordinators_.size(); ++i)
    caf::anon_send<caf::message_priority::high>(
      coordinators_[i], coordinator_options{
                          dataflow_->participants(stage_kind::source, i), dataflow_->participants(stage_kind::sink, i),
                          supervisor_, settled_[i]});
  caf::anon_send<caf::message_priority::high>(supervisor_, supervise{{dataflow_, outcome_}});
  supervised_ = true;
}

void job_actors::watch_sources() {
  if (options_.bounded)
    return; // what was not there at the start is not read
  for (std::size_t s = 0; s < plan_.stages.size(); ++s)
    if (const auto& source = plan_.stages[s].source)
      source->watch([target = caf::actor_cast<caf::weak_actor_ptr>(supervisor_), s](partition which) {
        if (const auto alive = caf::actor_cast<caf::actor>(target))
          caf::anon_send(alive, partition_found{s, std::move(which)});
      });
}

} // namespace leat
