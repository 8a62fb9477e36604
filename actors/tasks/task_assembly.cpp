#include <leat/actors/tasks/task_assembly.hpp>

#include <leat/actors/tasks/step_letters.hpp>
#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace leat {

namespace {

/// @throws pipeline_error when one is read that the step never emits to.
void check_side_outputs(const step_plan& plan, const step& made) {
  if (plan.has_dead_letters && !made.refuses())
    throw pipeline_error{fmt::format(
      "step '{}' cannot have .dead_letters(): a record that it takes is part of what it keeps or of a window before a "
      "function could refuse it; put .validate(…), or a map or filter with .dead_letters(), before it",
      plan.name)};
  for (const auto& side : plan.side_outputs)
    if (side.name != refusals_output && !made.emits_to(side.name))
      throw pipeline_error{fmt::format(
        "step '{}' never emits to side output \"{}\", which is read behind it: put .side_output(…) right behind the step "
        "that does; late records go there only if the windows were given .late_output(…), or the interval join "
        ".late_outputs(…), with the same name",
        plan.name, side.name)};
}

/// Who makes the dead letters of a step; null: it has none.
std::shared_ptr<letter_maker>
letters_of(const step_plan& plan, const subtask& place, const task_surroundings& surroundings) {
  if (!plan.has_dead_letters)
    return nullptr;
  const bool kept = std::ranges::any_of(plan.side_outputs, [](const auto& s) { return s.name == refusals_output; });
  return std::make_shared<step_letters>(
    plan.name, place.index, kept, surroundings.reads, surroundings.logs, *surroundings.registry);
}

/// `made[i]` is the step of `steps[i]` in the plan.
std::vector<step*>
add_steps(const execution_graph& graph, const subtask& place, const task_surroundings& surroundings, chain& steps) {
  const auto& stage = graph.stage_of(place);
  const auto parallelism = stage.kind == stage_kind::source ? 0 : graph.parallelism_of(place.stage);
  std::vector<step*> made;
  for (const auto& s : stage.steps) {
    auto& parent = s.parent == stage_head ? static_cast<step&>(steps.root()) : *made[s.parent];
    step_context context{
      s.name,         place.index, parallelism,       &steps.flow(),          surroundings.registry,
      &steps.clock(), {},          surroundings.wake, surroundings.snapshots, graph.plan().max_parallelism};
    if (surroundings.stored && stage.kind == stage_kind::keyed) {
      context.stored = surroundings.stored(uid_of(s));
      context.memory = surroundings.memory;
    }
    context.letters = letters_of(s, place, surroundings);
    for (const auto& side : s.side_outputs)
      context.side_outputs.push_back({side.name, side.record_type});
    made.push_back(&steps.add(parent, s.make(std::move(context)), s.parent_port));
    check_side_outputs(s, *made.back());
    if (auto* second = made.back()->second_input())
      steps.second_root().connect(*second);
  }
  return made;
}

/// Takes the next `targets` of `channels`, for a stage with so many subtasks.
std::unique_ptr<exchange> make_exchange(
  flow& chain, std::unique_ptr<partitioner> how, std::size_t targets, std::span<const subtask_channel>& channels,
  const task_surroundings& surroundings, bool copies = false, bool origins = false) {
  std::vector<std::unique_ptr<output_channel>> made;
  for (const auto& c : channels.first(targets))
    made.push_back(std::make_unique<output_channel>(
      c.input, surroundings.credit, surroundings.link_to(c), chain,
      surroundings.identity_of ? surroundings.identity_of(c) : nullptr));
  channels = channels.subspan(targets);
  return std::make_unique<exchange>(std::move(how), std::move(made), copies, origins);
}

} // namespace

assembled_task assemble_task(
  const execution_graph& graph, const subtask& place, std::span<const subtask_channel> channels,
  const task_surroundings& surroundings, chain& steps, task_outputs& outputs) {
  const auto& stage = graph.stage_of(place);
  assembled_task assembled{add_steps(graph, place, surroundings, steps)};
  for (const auto& e : stage.edges) {
    const auto targets = graph.subtasks_of(e.to_stage).size();
    auto& from = e.from_step == stage_head ? static_cast<step&>(steps.root()) : *assembled.steps[e.from_step];
    auto how = e.make(
      {graph.plan().stages[e.to_stage].name, place.index, static_cast<std::uint32_t>(targets),
       graph.plan().max_parallelism});
    from.connect(
      outputs.add(make_exchange(
        steps.flow(), std::move(how), targets, channels, surroundings, e.copies, wants_origins(graph.plan(), e.to_stage))),
      e.from_port);
  }
  if (stage.dead_letters)
    assembled.dead_letters = &outputs.add(make_exchange(
      steps.flow(), std::make_unique<forward_partitioner<dead_letter>>(place.index),
      graph.subtasks_of(*stage.dead_letters).size(), channels, surroundings));
  return assembled;
}

} // namespace leat
