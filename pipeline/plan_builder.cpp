#include <leat/pipeline/plan_builder.hpp>

#include <leat/messages/dead_letter.hpp>
#include <leat/operators/refusals.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace leat {

plan_builder::plan_builder(std::string job) { plan_.job = std::move(job); }

stream_origins plan_builder::add_source(
  const std::string& name, std::shared_ptr<source> from, std::function<boost::intrusive_ptr<batch_pool>()> make_pool,
  make_watermark_strategy watermarks, std::shared_ptr<sink> dead_letters, std::optional<watermark_alignment> alignment,
  std::optional<duration> idle_timeout) {
  stage_plan stage;
  stage.kind = stage_kind::source;
  stage.name = name;
  stage.source = std::move(from);
  stage.make_pool = std::move(make_pool);
  stage.watermarks = std::move(watermarks);
  stage.alignment = std::move(alignment);
  stage.idle_timeout = idle_timeout;
  const auto index = plan_.stages.size();
  if (dead_letters)
    stage.dead_letters = index + 1;
  plan_.stages.push_back(std::move(stage));
  if (dead_letters) {
    stage_plan letters;
    letters.kind = stage_kind::sink;
    letters.name = name + "-dead-letters";
    letters.parallelism = 1;
    letters.takes_dead_letters = true;
    letters.record_type = batch<dead_letter>::type();
    letters.sink = std::move(dead_letters);
    plan_.stages.push_back(std::move(letters));
  }
  return {{index, stage_head}};
}

std::string plan_builder::free_name(const std::string& name) const {
  const auto taken = [this](const std::string& n) {
    return std::any_of(plan_.stages.begin(), plan_.stages.end(), [&](const stage_plan& s) { return s.name == n; });
  };
  auto free = name;
  for (int n = 2; taken(free); ++n)
    free = fmt::format("{}-{}", name, n);
  return free;
}

stream_origins plan_builder::add_step(const stream_origins& after, std::string_view kind, const make_step& make) {
  stream_origins added;
  for (const auto& origin : after) {
    auto& steps = plan_.stages[origin.stage].steps;
    added.push_back({origin.stage, steps.size()});
    steps.push_back({unused_name(kind), origin.step, make, origin.port, {}, {}, false, true});
  }
  return added;
}

stream_origins
plan_builder::add_side_output(const stream_origins& of, const std::string& name, const std::type_info* record_type) {
  stream_origins added;
  for (const auto& origin : of) {
    if (origin.step == stage_head || origin.port != 0) {
      note_mistake(fmt::format(
        ".side_output(\"{}\") stands behind no step: it belongs right behind the step whose function emits to it", name));
      return of;
    }
    auto& step = plan_.stages[origin.stage].steps[origin.step];
    auto at =
      std::find_if(step.side_outputs.begin(), step.side_outputs.end(), [&](const auto& s) { return s.name == name; });
    if (at == step.side_outputs.end())
      at = step.side_outputs.insert(at, {name, record_type});
    if (at->record_type != record_type)
      note_mistake(fmt::format(
        "step '{}': side output \"{}\" is read with two record types; give each its own name", step.name, name));
    added.push_back({origin.stage, origin.step, static_cast<std::size_t>(at - step.side_outputs.begin()) + 1});
  }
  return added;
}

void plan_builder::add_dead_letters(const stream_origins& of) {
  for (const auto& origin : of) {
    if (origin.step == stage_head || origin.port != 0)
      return note_mistake(".dead_letters() stands behind no step: it belongs right behind the one whose function refuses "
                          "records; those of a source and of a sink need no asking");
    auto& step = plan_.stages[origin.stage].steps[origin.step];
    if (std::exchange(step.has_dead_letters, true))
      continue;
    const auto to = letters_before(origin.stage);
    if (!to)
      continue; // no source writes any: they are counted, and told in the log
    const auto letters = add_side_output({origin}, refusals_output, batch<dead_letter>::type()).front();
    const make_partitioner one = [](edge_context c) -> std::unique_ptr<partitioner> {
      return std::make_unique<forward_partitioner<dead_letter>>(c.instance);
    };
    connect({{letters}, one, 1, record_kind_of<dead_letter>()}, *to, 0);
  }
}

/// The sink for the dead letters of the first source, in the order of the plan, that leads to a stage and has one.
std::optional<std::size_t> plan_builder::letters_before(std::size_t stage) const {
  std::set<std::size_t> before{stage};
  for (std::size_t known = 0; known != before.size();) {
    known = before.size();
    for (std::size_t s = 0; s < plan_.stages.size(); ++s)
      if (std::ranges::any_of(plan_.stages[s].edges, [&](const edge_plan& e) { return before.contains(e.to_stage); }))
        before.insert(s);
  }
  for (const auto s : before)
    if (plan_.stages[s].dead_letters)
      return plan_.stages[s].dead_letters;
  return std::nullopt;
}

stream_origins plan_builder::add_stage(
  stage_kind stage, const std::vector<stage_input>& inputs, std::string_view kind, const make_step& make) {
  const auto index = plan_.stages.size();
  for (std::size_t i = 0; i < inputs.size(); ++i)
    connect(inputs[i], index, i);
  stage_plan added;
  added.kind = stage;
  added.parallelism = inputs.front().parallelism;
  added.name = unused_name(kind);
  added.steps.push_back({added.name, stage_head, make, 0, {}, {}, false, true});
  plan_.stages.push_back(std::move(added));
  return {{index, 0}};
}

std::size_t plan_builder::add_sink(
  const stage_input& input, std::string name, std::shared_ptr<sink> to, delivery guarantee,
  const std::type_info* record_type) {
  const auto index = plan_.stages.size();
  connect(input, index, 0);
  stage_plan added;
  added.kind = stage_kind::sink;
  added.parallelism = input.parallelism;
  added.name = std::move(name);
  added.sink = std::move(to);
  added.guarantee = guarantee;
  added.record_type = record_type;
  plan_.stages.push_back(std::move(added));
  return index;
}

void plan_builder::connect(const stage_input& input, std::size_t to_stage, std::size_t to_input) {
  for (const auto& origin : input.from)
    plan_.stages[origin.stage].edges.push_back(
      {origin.step, to_stage, input.divide, origin.port, to_input, input.records, input.copies});
}

void plan_builder::rename(const stream_origins& what, std::string name) {
  auto* stage = only_stage(what, "named");
  if (!stage)
    return;
  const auto step = what.front().step;
  if (step == stage_head) {
    if (stage->dead_letters)
      plan_.stages[*stage->dead_letters].name = name + "-dead-letters";
    stage->name = std::move(name);
    return;
  }
  if (step == 0 && stage->kind != stage_kind::source)
    stage->name = name;
  stage->steps[step].name = std::move(name);
  stage->steps[step].numbered = false;
}

void plan_builder::set_uid(const stream_origins& what, std::string uid) {
  if (auto* stage = only_stage(what, "uid")) {
    const auto step = what.front().step;
    (step == stage_head ? stage->uid : stage->steps[step].uid) = std::move(uid);
  }
}

void plan_builder::set_parallelism(const stream_origins& what, std::uint32_t parallelism) {
  auto* stage = only_stage(what, "with_parallelism");
  if (!stage)
    return;
  const auto step = what.front().step;
  if (stage->kind == stage_kind::source && step == stage_head)
    return note_mistake(fmt::format(
      "source '{}' has an actor per partition, and no parallelism of its own: put .rebalance() and .with_parallelism({}) "
      "at the step behind it that needs more actors",
      stage->name, parallelism));
  const auto& asked = step == stage_head ? stage->name : stage->steps[step].name;
  if (stage->kind == stage_kind::source)
    return note_mistake(fmt::format(
      "step '{}' asks for a parallelism of {}, but runs in the actors of its source '{}', one per partition: write "
      ".rebalance(), or .key_by(…), before the step to give it actors of its own, or leave .with_parallelism({}) out",
      asked, parallelism, stage->name, parallelism));
  if (parallelism == 0)
    return note_mistake(fmt::format("step '{}' asks for a parallelism of 0: it needs at least one actor", asked));
  stage->parallelism = parallelism;
}

std::string plan_builder::unused_name(std::string_view kind) {
  auto& n = used_.try_emplace(std::string{kind}, 0).first->second;
  return fmt::format("{}-{}", kind, ++n);
}

stage_plan* plan_builder::only_stage(const stream_origins& what, std::string_view verb) {
  if (what.size() == 1)
    return &plan_.stages[what.front().stage];
  note_mistake(
    fmt::format(".{}(…) after a merge: there is no single step to apply it to; use it on the streams before", verb));
  return nullptr;
}

} // namespace leat
