#include <leat/actors/deployment.hpp>

#include <leat/actors/reading_times.hpp>
#include <leat/actors/time/time_collector.hpp>
#include <leat/actors/time/watermark_aligner.hpp>

#include <algorithm>

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

} // namespace

deployment::deployment(caf::actor_system& system, const dataflow_plan& plan, const run_options& options, metrics& registry)
  : system_{system}, plan_{plan}, options_{options}, registry_{registry},
    components_{components(plan)}, graph_{plan, options.parallelism} {}

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

void deployment::start_stages(const std::vector<timestamp>& settled) {
  tasks built;
  for (const auto& i : instances_) {
    const auto& stage = plan_.stages[i->stage];
    if (stage.kind == stage_kind::source)
      continue;
    auto task = std::make_shared<stage_task>(stage.name, i->index, registry_);
    if (stage.kind == stage_kind::sink)
      task->set_end(std::make_unique<sink_end>(
        i->id, stage.sink->make_writer(i->index, graph_.parallelism_of(i->stage), make_waker(i->actor, i->gate)),
        task->steps().flow(),
        registry_.get(stage.takes_dead_letters ? "dead_letters_out" : "records_out", stage.name, i->index),
        registry_.get("dead_letters", stage.name, i->index)));
    built.emplace(i->id, std::move(task));
  }
  for (const auto& i : instances_) {
    if (plan_.stages[i->stage].kind == stage_kind::source)
      continue;
    const auto connections = connect(*i);
    auto& task = built.at(i->id);
    assemble(*i, connections, task->steps(), task->outputs());
    if (auto* end = task->end())
      task->steps().last().connect(*end);
    for (const auto& c : connections)
      built.at(c.channel.receiver)
        ->add_input(c.input.input, c.input.first_epoch, c.input.credit, c.input.sender, c.input.stage, c.input.to_input);
  }
  warn_of_reading_times(
    plan_, [&](std::size_t stage) { return built.at(graph_.subtasks_of(stage).front())->steps().event_time_windows(); });
  starts_.assign(plan_.stages.size(), std::nullopt);
  for (std::size_t s = 0; s < plan_.stages.size(); ++s)
    start_of(s, settled, built);
  for (const auto& i : instances_)
    if (const auto task = built.find(i->id); task != built.end()) {
      task->second->set_settled(*starts_[i->stage]);
      caf::anon_send(i->actor, start_stage{task->second});
    }
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
  std::vector<connection> connections;
  for (const auto& c : graph_.connect(source)) {
    auto& receiver = instance_of(c.receiver);
    receiver.senders.emplace(c.input, source.id);
    connections.push_back(
      {c, receiver.actor,
       add_input{
         c.input,
         1,
         options_.credit,
         std::make_shared<mailbox_upstream>(source.actor, c.output),
         c.from_stage,
         {},
         c.to_input}});
  }
  return connections;
}

void deployment::start_partition(const instance& source, const std::vector<connection>& connections) {
  const auto& stage = plan_.stages[source.stage];
  const auto max_drift = stage.alignment ? std::optional{stage.alignment->max_drift} : std::nullopt;
  auto& refusals = refusals_[source.stage];
  if (!refusals)
    refusals = std::make_shared<refusal_log>("source", stage.name, &registry_);
  auto task = std::make_shared<source_task>(
    source_task_options{
      source.id, stage.name, source.index, stage.make_pool(), *starts_[source.stage],
      stage.idle_timeout.value_or(options_.idle_timeout), max_drift, refusals},
    stage.watermarks(), registry_);
  if (auto* letters = assemble(source, connections, task->steps(), task->outputs()).dead_letters)
    task->set_dead_letters(*letters);
  task->set_reader(stage.source->make_reader(*source.which, make_waker(source.actor, source.gate)));
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
  participant p{i.actor, stage.name, nullptr};
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

assembled_task deployment::assemble(
  const instance& sender, const std::vector<connection>& connections, chain& steps, task_outputs& outputs) {
  std::vector<subtask_channel> channels;
  for (const auto& c : connections)
    channels.push_back(c.channel);
  const task_surroundings surroundings{
    options_.credit, &registry_, make_waker(sender.actor, sender.gate),
    [this](const subtask_channel& c) { return std::make_unique<mailbox_downstream>(instance_of(c.receiver).actor); }};
  return assemble_task(graph_, sender, channels, surroundings, steps, outputs);
}

} // namespace leat
