#include <leat/actors/deployment.hpp>

#include <leat/actors/reading_times.hpp>
#include <leat/actors/sinks/at_least_once_end.hpp>
#include <leat/actors/sinks/exactly_once_end.hpp>
#include <leat/actors/time/time_collector.hpp>
#include <leat/actors/time/watermark_aligner.hpp>
#include <leat/base/encoded/encoded_type.hpp>
#include <leat/base/key_group.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace leat {

namespace {

class mailbox_downstream final : public downstream_link {
public:
  explicit mailbox_downstream(caf::actor receiver) : receiver_{std::move(receiver)} {}
  void deliver(data_message message) override { caf::anon_send(receiver_, std::move(message)); }
  void deliver(signal_message message) override { caf::anon_send(receiver_, message); }

private:
  const caf::actor receiver_;
};

class mailbox_upstream final : public upstream_link {
public:
  mailbox_upstream(caf::actor sender, output_id output) : sender_{std::move(sender)}, output_{output} {}
  void refund(std::uint32_t batches) override {
    caf::anon_send<caf::message_priority::high>(sender_, credit_message{output_, batches});
  }

private:
  const caf::actor sender_;
  const output_id output_;
};

std::string partition_of(const deployment::instance& i) { return i.which ? to_string(*i.which) : ""; }

bool has_entries(const stored_checkpoint& in, const std::string& uid, const std::string& state) {
  bool any = false;
  in.look(uid, state, [&any](const stored_entry&) { any = true; });
  return any;
}

} // namespace

deployment::deployment(caf::actor_system& system, const dataflow_plan& plan, const run_options& options, metrics& registry)
  : system_{system}, plan_{plan}, options_{options}, registry_{registry},
    components_{options.checkpoints.storage ? std::vector<std::size_t>(plan.stages.size(), 0) : components(plan)},
    graph_{plan, options.parallelism}, routes_{
                                         graph_, options.checkpoints.storage && options.checkpoints.alignment_timeout} {}

std::size_t deployment::component_count() const noexcept {
  return components_.empty() ? 0 : 1 + *std::max_element(components_.begin(), components_.end());
}

void deployment::spawn_stages(const caf::actor& supervisor, std::vector<caf::actor> coordinators) {
  supervisor_ = supervisor;
  coordinators_ = std::move(coordinators);
  if (std::ranges::any_of(plan_.stages, [](const stage_plan& s) { return s.alignment.has_value(); }))
    aligner_ = system_.spawn(watermark_aligner, aligner_start{});
  for (std::size_t s = 0; s < plan_.stages.size(); ++s) {
    if (plan_.stages[s].kind == stage_kind::source)
      continue;
    for (std::uint32_t i = 0; i < graph_.parallelism_of(s); ++i) {
      auto& added = add_instance(s);
      added.actor = system_.spawn(stage_actor, options_of(added));
    }
  }
}

deployment::instance& deployment::spawn_partition(std::size_t stage, const partition& which) {
  auto& added = add_instance(stage);
  added.which = which;
  added.actor = system_.spawn(partition_source, options_of(added));
  if (const auto& with = plan_.stages[stage].alignment)
    caf::anon_send<caf::message_priority::high>(
      aligner_, align_source{added.id, added.actor, with->group, with->max_drift});
  return added;
}

void deployment::start_stages(const std::vector<timestamp>& settled, const std::optional<stored_checkpoint>& from) {
  first_epoch_ = from ? from->epoch + 1 : 1;
  if (const auto& how = options_.checkpoints; how.storage)
    row_memory_ = memory_of_rows(how.memory, how.load_at_start, from);
  tasks built;
  made_steps made;
  for (const auto& i : instances_) {
    const auto& stage = plan_.stages[i->stage];
    if (stage.kind == stage_kind::source)
      continue;
    built.emplace(i->id, std::make_shared<stage_task>(stage.name, i->index, registry_));
  }
  for (const auto& i : instances_) {
    if (plan_.stages[i->stage].kind == stage_kind::source)
      continue;
    const auto connections = connect(*i);
    auto& task = built.at(i->id);
    made[i->id] = assemble(*i, connections, task->steps(), task->outputs()).steps;
    for (const auto& c : connections)
      built.at(c.channel.receiver)
        ->add_input(
          c.input.input, c.input.first_epoch, c.input.credit, c.input.sender, c.input.stage, c.input.to_input,
          c.input.identity, c.input.copies);
  }
  warn_of_reading_times(
    plan_, [&](std::size_t stage) { return built.at(graph_.subtasks_of(stage).front())->steps().event_time_windows(); });
  starts_.assign(plan_.stages.size(), std::nullopt);
  for (std::size_t s = 0; s < plan_.stages.size(); ++s)
    start_of(s, settled, built);
  describe(made);
  if (from) {
    load(*from, made);
    resent_ = routes_.divide(*restored_, partition_owners(), options_.checkpoints.allow_dropped_state);
  }
  for (const auto& i : instances_)
    if (plan_.stages[i->stage].kind == stage_kind::sink) {
      auto& task = *built.at(i->id);
      task.set_end(make_end(*i, task.steps().flow()));
      task.steps().last().connect(*task.end());
    }
  for (const auto& [id, task] : built) {
    const auto& i = instance_of(id);
    task->set_settled(restored_ ? restored_->watermark(plan_.stages[i.stage]) : *starts_[i.stage]);
    if (options_.checkpoints.storage) {
      task->take_snapshots(id, uid_of(plan_.stages[i.stage]), snapshot_of(i, made.at(id)), routes_.end_of(i));
      if (overtakes(i.stage))
        task->wait_when_full();
    }
    if (auto resent = resent_.extract(id))
      task->set_in_flight(std::move(resent.mapped()));
    caf::anon_send(i.actor, start_stage{task});
  }
  for (const auto& [id, task] : built)
    caf::anon_send(instance_of(id).actor, resend_in_flight{});
}

/// Whether barriers overtake records on every way to a stage.
bool deployment::overtakes(std::size_t stage) const {
  return options_.checkpoints.alignment_timeout && can_overtake(plan_, stage);
}

std::unique_ptr<sink_end> deployment::make_end(const instance& i, flow& chain) const {
  const auto& stage = plan_.stages[i.stage];
  const auto parallelism = graph_.parallelism_of(i.stage);
  const auto waker = make_waker(i.actor, i.gate);
  auto& out = registry_.get(stage.takes_dead_letters ? "dead_letters_out" : "records_out", stage.name, i.index);
  auto& letters = registry_.get("dead_letters", stage.name, i.index);
  if (stage.guarantee == delivery::at_least_once)
    return std::make_unique<at_least_once_end>(
      i.id, stage.sink->make_writer(i.index, parallelism, waker), chain, out, letters);
  auto writer = stage.sink->make_transactional_writer(i.index, parallelism, waker);
  if (!writer)
    throw pipeline_error{fmt::format(
      "sink '{}' asks for exactly-once delivery, but what it writes to knows no transactions: leave .exactly_once() out",
      stage.name)};
  exactly_once_end::origin from;
  if (restored_)
    from = {restored_->epoch(), restored_->epoch_logs(stage, i.index, parallelism)};
  auto end =
    std::make_unique<exactly_once_end>(i.id, uid_of(stage), std::move(writer), std::move(from), chain, out, letters);
  if (overtakes(i.stage))
    end->expect_overtaking();
  return end;
}

in_flight_routes::partition_owners deployment::partition_owners() const {
  in_flight_routes::partition_owners owners;
  for (const auto& i : instances_)
    if (i->which)
      owners.emplace(std::pair{i->stage, partition_of(*i)}, i->id);
  return owners;
}

/// Gives the steps of all stages but sources what they kept in the checkpoint.
void deployment::load(const stored_checkpoint& from, const made_steps& made) {
  struct loaded_step {
    std::vector<step*> subtasks;
    bool may_stay = false; // what belongs to keys, where it is
    std::size_t turn = 0;
  };
  const auto wanted = states_of(made);
  state_adapter adapter{from.manifest, uids_of(plan_), wanted, options_.checkpoints.allow_dropped_state};
  std::map<std::string, loaded_step, std::less<>> steps;
  for (std::size_t s = 0; s < plan_.stages.size(); ++s) {
    const auto& stage = plan_.stages[s];
    if (stage.kind == stage_kind::source)
      continue;
    const bool may_stay = !from.foreign && std::ranges::all_of(stage.steps, [&](const step_plan& k) {
      const auto uid = uid_of(k);
      return adapter.stays(uid, [&](const std::string& state) { return has_entries(from, uid, state); });
    });
    for (std::size_t k = 0; k < stage.steps.size(); ++k)
      for (const auto id : graph_.subtasks_of(s)) {
        auto& to = steps[uid_of(stage.steps[k])];
        to.subtasks.push_back(made.at(id)[k]);
        to.may_stay = may_stay;
      }
  }
  auto restored = std::make_shared<restored_state>(from.epoch, from.foreign);
  from.visit([&](const stored_entry& stored) {
    const auto entry = adapter.adapted(stored);
    if (!entry || restored->take(*entry))
      return;
    if (const auto to = steps.find(entry->step); to != steps.end())
      load_entry(
        to->second.subtasks, entry->view(), entry->group, plan_.max_parallelism, to->second.may_stay, to->second.turn);
  });
  restored->complete(adapter.finish());
  restored_ = std::move(restored);
}

wanted_states deployment::states_of(const made_steps& made) const {
  wanted_states all;
  for (std::size_t s = 0; s < plan_.stages.size(); ++s) {
    const auto& stage = plan_.stages[s];
    if (stage.kind == stage_kind::source)
      continue;
    for (std::size_t k = 0; k < stage.steps.size(); ++k)
      all.emplace(uid_of(stage.steps[k]), made.at(graph_.subtasks_of(s).front())[k]->states());
  }
  return all;
}

void deployment::describe(const made_steps& made) {
  description_.job = plan_.job;
  description_.parallelism = options_.parallelism;
  description_.max_parallelism = plan_.max_parallelism;
  const auto states = states_of(made);
  for (std::size_t s = 0; s < plan_.stages.size(); ++s)
    for (std::size_t k = 0; k < plan_.stages[s].steps.size(); ++k) {
      const auto& step = plan_.stages[s].steps[k];
      const auto found = states.find(uid_of(step));
      if (found == states.end() || found->second.empty())
        continue;
      stored_step described{uid_of(step), step.name, graph_.parallelism_of(s), {}};
      described.place = place_of(plan_, s, k);
      for (const auto& state : found->second)
        described.states.push_back(stored_form_of(state));
      description_.steps.push_back(std::move(described));
    }
}

state_snapshot deployment::snapshot_of(const instance& i, const std::vector<step*>& steps) const {
  const auto& stage = plan_.stages[i.stage];
  std::vector<state_snapshot::named_step> named;
  for (std::size_t k = 0; k < steps.size(); ++k)
    named.push_back({uid_of(stage.steps[k]), steps[k]});
  store_contents before;
  if (restored_)
    before = {
      std::ranges::all_of(stage.steps, [&](const step_plan& s) { return restored_->is_stored(uid_of(s)); })
        ? loaded_from::store
        : loaded_from::elsewhere,
      groups_of(i.index, graph_.parallelism_of(i.stage), plan_.max_parallelism)};
  return {uid_of(stage), plan_.max_parallelism, std::move(named), std::move(before)};
}

/// Where the watermark of a stage starts, which those of the stages behind it decide.
timestamp deployment::start_of(std::size_t stage, const std::vector<timestamp>& settled, const tasks& built) {
  if (starts_[stage])
    return *starts_[stage];
  auto start = settled[component_of(stage)];
  for (const auto target : targets_of(plan_.stages[stage])) {
    const auto behind = start_of(target, settled, built);
    const auto& first = *built.at(graph_.subtasks_of(target).front());
    // What a source reads again is late only for windows that have fired: it starts where they do.
    start = std::min(start, plan_.stages[stage].kind == stage_kind::source ? behind : first.steps().needs_after(behind));
  }
  starts_[stage] = start;
  return start;
}

std::vector<deployment::connection> deployment::connect(const instance& source) {
  const auto& stage = plan_.stages[source.stage];
  std::vector<connection> connections;
  for (const auto& c : graph_.connect(source)) {
    auto& receiver = instance_of(c.receiver);
    receiver.senders.emplace(c.input, source.id);
    connections.push_back(
      {c, receiver.actor,
       add_input{
         c.input,
         first_epoch_,
         options_.credit,
         std::make_shared<mailbox_upstream>(source.actor, c.output),
         c.from_stage,
         {},
         c.to_input,
         routes_.channel(source, partition_of(source), c),
         c.edge < stage.edges.size() && stage.edges[c.edge].copies}});
  }
  return connections;
}

void deployment::start_partition(const instance& source, const std::vector<connection>& connections) {
  const auto& stage = plan_.stages[source.stage];
  const auto max_drift = stage.alignment ? std::optional{stage.alignment->max_drift} : std::nullopt;
  auto& refusals = refusals_[source.stage];
  if (!refusals)
    refusals = std::make_shared<refusal_log>("source", stage.name, &registry_);
  const auto from = restored_ ? restored_->position(stage, *source.which) : std::nullopt;
  auto task = std::make_shared<source_task>(
    source_task_options{
      source.id, stage.name, source.index, stage.make_pool(), from ? from->watermark : *starts_[source.stage],
      stage.idle_timeout.value_or(options_.idle_timeout), max_drift, refusals},
    stage.watermarks(), registry_);
  const auto made = assemble(source, connections, task->steps(), task->outputs());
  if (made.dead_letters)
    task->set_dead_letters(*made.dead_letters);
  if (options_.checkpoints.storage)
    task->take_snapshots(uid_of(stage), snapshot_of(source, made.steps), *source.which);
  if (auto resent = resent_.extract(source.id))
    task->set_in_flight(std::move(resent.mapped()));
  task->set_reader(stage.source->make_reader(
    *source.which, from ? std::optional{from->offset} : std::nullopt, make_waker(source.actor, source.gate)));
  caf::anon_send(source.actor, start_source{std::move(task)});
}

void deployment::kill() const {
  for (const auto& i : instances_)
    caf::anon_send<caf::message_priority::high>(i->actor, caf::exit_msg{i->actor.address(), caf::exit_reason::kill});
  if (aligner_)
    caf::anon_send_exit(aligner_, caf::exit_reason::kill);
}

void deployment::report_time(const leat::report_time& request) const {
  time_collection what{{}, {}, &plan_, &registry_, request.patience, request.answer};
  for (const auto& i : instances_) {
    what.actors.push_back({i->id, i->stage, i->which ? to_string(*i->which) : i->name, i->senders, std::nullopt});
    what.asked.push_back(i->actor);
  }
  system_.spawn(time_collector, std::move(what));
}

std::map<actor_id, participant> deployment::participants(stage_kind kind, std::size_t component) const {
  std::map<actor_id, participant> found;
  for (const auto& i : instances_)
    if (plan_.stages[i->stage].kind == kind && component_of(i->stage) == component)
      found.emplace(i->id, participant_of(*i));
  return found;
}

participant deployment::participant_of(const instance& i) const {
  const auto& stage = plan_.stages[i.stage];
  participant p{i.actor, stage.name, nullptr, stage.guarantee == delivery::exactly_once};
  if (stage.kind == stage_kind::source)
    p.watermark = &registry_.get("watermark", stage.name, i.index);
  return p;
}

deployment::instance& deployment::add_instance(std::size_t stage) {
  auto added = std::make_unique<instance>();
  static_cast<subtask&>(*added) = graph_.add(stage);
  added->gate = std::make_shared<wake_gate>();
  return *instances_.emplace_back(std::move(added));
}

shell_options deployment::options_of(const instance& i) const {
  return {i.id, i.name, supervisor_, coordinators_[component_of(i.stage)], aligner_, i.gate};
}

/// At least 1.
std::size_t deployment::shards() const {
  std::size_t all = 0;
  for (std::size_t s = 0; s < plan_.stages.size(); ++s)
    if (plan_.stages[s].kind == stage_kind::keyed)
      all += graph_.parallelism_of(s);
  return std::max<std::size_t>(1, all);
}

assembled_task deployment::assemble(
  const instance& sender, const std::vector<connection>& connections, chain& steps, task_outputs& outputs) {
  std::vector<subtask_channel> channels;
  for (const auto& c : connections)
    channels.push_back(c.channel);
  task_surroundings surroundings{
    options_.credit,
    &registry_,
    make_waker(sender.actor, sender.gate),
    [this](const subtask_channel& c) { return std::make_unique<mailbox_downstream>(instance_of(c.receiver).actor); },
    options_.checkpoints.storage != nullptr,
    [this, &sender](const subtask_channel& c) { return routes_.channel(sender, partition_of(sender), c); },
    sender.which,
    true};
  if (row_memory_) {
    surroundings.stored = [this](const std::string& uid) -> std::shared_ptr<stored_entries> {
      return options_.checkpoints.storage->entries_of(uid, plan_.max_parallelism);
    };
    surroundings.memory = *row_memory_ / shards();
  }
  return assemble_task(graph_, sender, channels, surroundings, steps, outputs);
}

} // namespace leat
