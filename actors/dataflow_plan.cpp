#include <leat/actors/dataflow_plan.hpp>

#include <leat/base/error.hpp>

#include <boost/core/demangle.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace leat {

namespace {

std::string_view to_string(stage_kind kind) {
  switch (kind) {
  case stage_kind::source:
    return "source";
  case stage_kind::keyed:
    return "keyed";
  case stage_kind::worker:
    return "worker";
  case stage_kind::sink:
    return "sink";
  }
  return "?";
}

void check_names(const dataflow_plan& plan) {
  std::set<std::string> names;
  const auto claim = [&](const std::string& name) {
    if (name.empty())
      throw pipeline_error{fmt::format("job '{}': a step has an empty name", plan.job)};
    if (!names.insert(name).second)
      throw pipeline_error{fmt::format(
        "job '{}': two steps are named '{}'; names identify a step in metrics, errors and saved state: give one another "
        "name "
        "with .named(\"…\")",
        plan.job, name)};
  };
  for (const auto& stage : plan.stages) {
    claim(stage.name);
    for (const auto& s : stage.steps)
      if (s.name != stage.name) // the step that a stage begins with may lend it its name
        claim(s.name);
  }
}

/// A step that was given no uid has its name's.
void check_uids(const dataflow_plan& plan) {
  std::map<std::string, std::string> owners;
  const auto claim = [&](const std::string& uid, const std::string& name) {
    const auto [at, added] = owners.try_emplace(uid.empty() ? name : uid, name);
    if (!added)
      throw pipeline_error{fmt::format(
        "job '{}': the steps '{}' and '{}' have one uid, '{}'; it identifies a step's saved state: give one another with "
        ".uid(\"…\")",
        plan.job, at->second, name, at->first)};
  };
  for (const auto& stage : plan.stages) {
    if (stage.kind == stage_kind::source || stage.kind == stage_kind::sink)
      claim(stage.uid, stage.name);
    for (const auto& s : stage.steps)
      claim(s.uid, s.name);
  }
}

void check_stage(const dataflow_plan& plan, const stage_plan& stage) {
  const auto inside = [&](std::size_t step) { return step == stage_head || step < stage.steps.size(); };
  for (std::size_t i = 0; i < stage.steps.size(); ++i)
    if (stage.steps[i].parent != stage_head && stage.steps[i].parent >= i)
      throw pipeline_error{fmt::format(
        "step '{}' reads from a step that does not come before it: a cycle is not a dataflow", stage.steps[i].name)};
  for (const auto& e : stage.edges) {
    if (!inside(e.from_step) || e.to_stage >= plan.stages.size())
      throw pipeline_error{fmt::format("stage '{}' has an edge that leads nowhere", stage.name)};
    if (plan.stages[e.to_stage].kind == stage_kind::source)
      throw pipeline_error{fmt::format("stage '{}' leads into source '{}'", stage.name, plan.stages[e.to_stage].name)};
  }
  if (stage.dead_letters) {
    if (*stage.dead_letters >= plan.stages.size())
      throw pipeline_error{fmt::format("the dead letters of '{}' lead nowhere: they need a sink", stage.name)};
    if (const auto& to = plan.stages[*stage.dead_letters]; to.kind != stage_kind::sink)
      throw pipeline_error{
        fmt::format("the dead letters of '{}' lead to {} '{}': they need a sink", stage.name, to_string(to.kind), to.name)};
  }
  if (stage.parallelism > plan.max_parallelism)
    throw pipeline_error{fmt::format(
      "step '{}' asks for a parallelism of {}, above the job's maximum of {} (job.max-parallelism)", stage.name,
      stage.parallelism, plan.max_parallelism)};
  if (stage.kind == stage_kind::source && !stage.source)
    throw pipeline_error{fmt::format("source '{}' has nothing to read from", stage.name)};
  if (stage.kind == stage_kind::sink && !stage.sink)
    throw pipeline_error{fmt::format("sink '{}' has nothing to write to", stage.name)};
}

/// Every step but the last of each branch feeds another or an edge; a branch that ends in nothing would lose its records.
void check_leaves(const stage_plan& stage) {
  if (stage.kind == stage_kind::sink)
    return;
  std::set<std::size_t> used;
  for (const auto& s : stage.steps)
    used.insert(s.parent);
  for (const auto& e : stage.edges)
    used.insert(e.from_step);
  if (!used.contains(stage_head))
    throw pipeline_error{fmt::format("'{}' leads nowhere: give it a .sink(…)", stage.name)};
  for (std::size_t i = 0; i < stage.steps.size(); ++i)
    if (!used.contains(i))
      throw pipeline_error{fmt::format("step '{}' leads nowhere: give it a .sink(…)", stage.steps[i].name)};
}

/// Depth-first along the edges; `open` are the stages on the way here.
void check_cycle(const dataflow_plan& plan, std::size_t at, std::set<std::size_t>& open, std::set<std::size_t>& done) {
  if (done.contains(at))
    return;
  if (!open.insert(at).second)
    throw pipeline_error{fmt::format(
      "stage '{}' leads back to itself: a cycle is not a dataflow; write to a topic and read it again instead",
      plan.stages[at].name)};
  for (const auto& e : plan.stages[at].edges)
    check_cycle(plan, e.to_stage, open, done);
  open.erase(at);
  done.insert(at);
}

void check_fed(const dataflow_plan& plan) {
  std::set<std::size_t> fed;
  for (const auto& stage : plan.stages)
    for (const auto target : targets_of(stage))
      fed.insert(target);
  for (std::size_t i = 0; i < plan.stages.size(); ++i)
    if (plan.stages[i].kind != stage_kind::source && !fed.contains(i))
      throw pipeline_error{fmt::format("'{}' has no input", plan.stages[i].name)};
}

} // namespace

void validate(const dataflow_plan& plan) {
  if (!plan.mistakes.empty())
    throw pipeline_error{fmt::format("job '{}': {}", plan.job, plan.mistakes.front())};
  if (plan.stages.empty())
    throw pipeline_error{fmt::format("job '{}' is empty: begin with .source(…)", plan.job)};
  check_names(plan);
  check_uids(plan);
  for (const auto& stage : plan.stages) {
    check_stage(plan, stage);
    check_leaves(stage);
  }
  check_fed(plan);
  std::set<std::size_t> open;
  std::set<std::size_t> done;
  for (std::size_t i = 0; i < plan.stages.size(); ++i)
    check_cycle(plan, i, open, done);
}

std::vector<std::size_t> targets_of(const stage_plan& stage) {
  std::vector<std::size_t> targets;
  for (const auto& e : stage.edges)
    targets.push_back(e.to_stage);
  if (stage.dead_letters)
    targets.push_back(*stage.dead_letters);
  return targets;
}

record_kind records_of(const stage_plan& stage, std::size_t edge) {
  return edge < stage.edges.size() ? stage.edges[edge].records : record_kind_of<dead_letter>();
}

record_kind records_into(const dataflow_plan& plan, std::size_t stage) {
  for (const auto& sender : plan.stages) {
    const auto targets = targets_of(sender);
    for (std::size_t e = 0; e < targets.size(); ++e)
      if (targets[e] == stage && (e >= sender.edges.size() || sender.edges[e].to_input == 0))
        return records_of(sender, e);
  }
  return {};
}

std::uint32_t edges_before(const dataflow_plan& plan, const stage_plan& stage, std::size_t edge) {
  const auto targets = targets_of(stage);
  const auto& receiver = uid_of(plan.stages[targets[edge]]);
  const auto same = [&](std::size_t t) { return uid_of(plan.stages[t]) == receiver; };
  return static_cast<std::uint32_t>(
    std::count_if(targets.begin(), targets.begin() + static_cast<std::ptrdiff_t>(edge), same));
}

std::optional<std::size_t>
edge_to(const dataflow_plan& plan, const stage_plan& stage, const std::string& receiver, std::uint32_t nth) {
  const auto targets = targets_of(stage);
  for (std::size_t e = 0; e < targets.size(); ++e)
    if (uid_of(plan.stages[targets[e]]) == receiver && edges_before(plan, stage, e) == nth)
      return e;
  return std::nullopt;
}

bool can_overtake(const dataflow_plan& plan, std::size_t stage) {
  for (std::size_t s = 0; s < plan.stages.size(); ++s) {
    const auto& sender = plan.stages[s];
    const auto targets = targets_of(sender);
    for (std::size_t e = 0; e < targets.size(); ++e)
      if (targets[e] == stage && ((e < sender.edges.size() && sender.edges[e].copies) || !can_overtake(plan, s)))
        return false;
  }
  return true;
}

/// What a keyed step, the first of its stage, emits is made of more than one record.
bool wants_origins(const dataflow_plan& plan, std::size_t stage) {
  const auto& s = plan.stages[stage];
  if (s.kind == stage_kind::keyed)
    return s.steps.front().has_dead_letters;
  const auto wants = [&](const edge_plan& e) { return wants_origins(plan, e.to_stage); };
  return std::ranges::any_of(s.steps, &step_plan::has_dead_letters) || std::ranges::any_of(s.edges, wants);
}

std::string unwritable_records(const dataflow_plan& plan) {
  for (const auto& stage : plan.stages)
    for (const auto& e : stage.edges)
      if (!e.records.codec && !e.copies)
        return fmt::format(
          "'{}' sends records to '{}' that cannot be written as bytes{}: describe the type with BOOST_DESCRIBE_STRUCT(T, "
          "(), "
          "(members…)), or give it encode and decode (leat/base/encoding.hpp)",
          e.from_step == stage_head ? stage.name : stage.steps[e.from_step].name, plan.stages[e.to_stage].name,
          e.records.type ? fmt::format(", of the type {}", boost::core::demangle(e.records.type->name())) : "");
  return {};
}

std::vector<std::size_t> components(const dataflow_plan& plan) {
  std::vector<std::size_t> of(plan.stages.size());
  std::iota(of.begin(), of.end(), std::size_t{0});
  // Connected stages take the least of their numbers, until all of a component have the same.
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t s = 0; s < of.size(); ++s)
      for (const auto target : targets_of(plan.stages[s])) {
        changed |= of[s] != of[target];
        of[s] = of[target] = std::min(of[s], of[target]);
      }
  }
  std::map<std::size_t, std::size_t> numbers;
  for (auto& c : of)
    c = numbers.try_emplace(c, numbers.size()).first->second;
  return of;
}

std::string explain(const dataflow_plan& plan, std::uint32_t default_parallelism) {
  auto text = fmt::format("job {}\n", plan.job);
  const auto side_output = [](const stage_plan& stage, std::size_t step, std::size_t port) {
    return port == 0 ? std::string{} : fmt::format("side output \"{}\"", stage.steps[step].side_outputs[port - 1].name);
  };
  const auto edges = [&](const stage_plan& stage, std::size_t from) {
    for (const auto& e : stage.edges)
      if (e.from_step == from) {
        const auto side = side_output(stage, from, e.from_port);
        text +=
          fmt::format("      -> {}{}\n", plan.stages[e.to_stage].name, side.empty() ? "" : fmt::format(" ({})", side));
      }
  };
  for (const auto& stage : plan.stages) {
    const auto parallelism = stage.parallelism == 0 ? default_parallelism : stage.parallelism;
    text += stage.kind == stage_kind::source
              ? fmt::format("  {} '{}', an actor per partition\n", to_string(stage.kind), stage.name)
              : fmt::format("  {} '{}' x {}\n", to_string(stage.kind), stage.name, parallelism);
    edges(stage, stage_head);
    for (std::size_t i = 0; i < stage.steps.size(); ++i) {
      const auto& step = stage.steps[i];
      const auto side = side_output(stage, step.parent, step.parent_port);
      text += fmt::format(
        "    {}{}\n", step.name,
        side.empty() ? "" : fmt::format(" (reads {} of '{}')", side, stage.steps[step.parent].name));
      edges(stage, i);
    }
    if (stage.dead_letters)
      text += fmt::format("      -> {} (dead letters)\n", plan.stages[*stage.dead_letters].name);
  }
  return text;
}

const std::string& uid_of(const step_plan& step) { return step.uid.empty() ? step.name : step.uid; }

const std::string& uid_of(const stage_plan& stage) {
  if (stage.kind == stage_kind::keyed || stage.kind == stage_kind::worker)
    return uid_of(stage.steps.front()); // it has the name of its first step
  return stage.uid.empty() ? stage.name : stage.uid;
}

namespace {

/// The steps before and behind one, and the sources and sinks at the ends.
class neighbourhood {
public:
  explicit neighbourhood(const dataflow_plan& plan) : plan_{plan} {}

  /// @param step `stage_head`: where records come into the stage.
  void add_before(std::size_t stage, std::size_t step) {
    if (!before_.insert({stage, place(step)}).second)
      return;
    if (step != stage_head)
      return add_before(stage, plan_.stages[stage].steps[step].parent);
    for (std::size_t s = 0; s < plan_.stages.size(); ++s)
      for (const auto& e : plan_.stages[s].edges)
        if (e.to_stage == stage)
          add_before(s, e.from_step);
  }

  void add_behind(std::size_t stage, std::size_t step) {
    if (!behind_.insert({stage, place(step)}).second)
      return;
    const auto& of = plan_.stages[stage];
    for (std::size_t i = 0; i < of.steps.size(); ++i)
      if (of.steps[i].parent == step)
        add_behind(stage, i);
    for (const auto& e : of.edges)
      if (e.from_step == step)
        add_behind(e.to_stage, stage_head);
  }

  /// Their names, in the order of the plan. @param stage, step that which is in brackets.
  [[nodiscard]] std::string text(std::size_t stage, std::size_t step) const {
    auto all = before_;
    all.insert(behind_.begin(), behind_.end());
    std::string names;
    for (const auto& [s, at] : all)
      if (const auto name = name_of(plan_.stages[s], at); !name.empty())
        names += fmt::format(
          "{}{}", names.empty() ? "" : ", ", s == stage && at == place(step) ? fmt::format("[{}]", name) : name);
    return names;
  }

private:
  /// The head comes first.
  static std::size_t place(std::size_t step) { return step == stage_head ? 0 : step + 1; }

  static std::string name_of(const stage_plan& stage, std::size_t at) {
    if (at == 0)
      return stage.kind == stage_kind::source || stage.kind == stage_kind::sink ? stage.name : "";
    const auto& step = stage.steps[at - 1];
    return step.numbered ? step.name.substr(0, step.name.rfind('-')) : step.name;
  }

  const dataflow_plan& plan_;
  std::set<std::pair<std::size_t, std::size_t>> before_;
  std::set<std::pair<std::size_t, std::size_t>> behind_;
};

} // namespace

std::string place_of(const dataflow_plan& plan, std::size_t stage, std::size_t step) {
  const auto& of = plan.stages[stage].steps[step];
  if (!of.numbered || !of.uid.empty())
    return {};
  neighbourhood around{plan};
  around.add_before(stage, step);
  around.add_behind(stage, step);
  return around.text(stage, step);
}

std::set<std::string> uids_of(const dataflow_plan& plan) {
  std::set<std::string> all;
  for (const auto& stage : plan.stages) {
    all.insert(uid_of(stage));
    for (const auto& s : stage.steps)
      all.insert(uid_of(s));
  }
  return all;
}

} // namespace leat
