#include <leat/actors/time/time_report.hpp>

#include <algorithm>
#include <set>

namespace leat {

namespace {

using station = time_report::station;

/// What the actors have said, to be followed up the stream.
class time_map {
public:
  time_map(const dataflow_plan& plan, std::span<const located_time> actors) : plan_{plan}, actors_{actors} {
    for (const auto& a : actors)
      by_id_.emplace(a.actor, &a);
  }

  /// The actors of a stage, in their order.
  [[nodiscard]] std::vector<const located_time*> of_stage(std::size_t stage) const {
    std::vector<const located_time*> found;
    for (const auto& a : actors_)
      if (a.stage == stage)
        found.push_back(&a);
    return found;
  }

  /// The one that is furthest behind, of those that have answered and not ended; null when there is none.
  [[nodiscard]] const located_time* slowest_of(std::size_t stage) const {
    const located_time* slowest = nullptr;
    for (const auto* a : of_stage(stage))
      if (a->said && !a->said->ended && (!slowest || a->said->watermark < slowest->said->watermark))
        slowest = a;
    return slowest;
  }

  /// Why the watermark of `at` is no higher: from who speaks to it up to a cause.
  [[nodiscard]] std::vector<station> follow(const located_time& at) const {
    std::vector<station> way;
    std::set<actor_id> seen;
    for (const auto* here = &at; here && seen.insert(here->actor).second;)
      here = next(*here, way);
    return way;
  }

  /// The newest event of the partitions that lie before a stage.
  [[nodiscard]] timestamp newest_before(std::size_t stage) const {
    auto newest = min_timestamp;
    std::set<actor_id> seen;
    for (const auto* a : of_stage(stage))
      newest = std::max(newest, newest_before(*a, seen));
    return newest;
  }

private:
  /// One station up the stream. @returns where to go on from; null at the cause.
  const located_time* next(const located_time& here, std::vector<station>& way) const {
    const auto& said = *here.said;
    if (!said.held_by)
      return nullptr;
    const auto input = std::ranges::find(said.inputs, *said.held_by, &input_time::input);
    const auto sender = here.senders.find(*said.held_by);
    if (input == said.inputs.end() || sender == here.senders.end())
      return nullptr;
    const auto& from = *by_id_.at(sender->second);
    if (!from.said) {
      way.push_back({station::kind::silent, from.name, input->watermark, 0});
      return nullptr;
    }
    const bool partition = plan_.stages[from.stage].kind == stage_kind::source;
    const auto passed_on = passed_on_by(from, here.stage);
    if (passed_on.watermark > input->watermark && said.waiting > 0) {
      way.push_back({station::kind::backlog, from.name, input->watermark, said.waiting});
      return nullptr;
    }
    way.push_back({partition ? station::kind::partition : station::kind::actor, from.name, input->watermark, 0});
    if (passed_on.watermark < from.said->watermark && !passed_on.name.empty()) {
      way.push_back({station::kind::step, passed_on.name, passed_on.watermark, 0});
      return nullptr;
    }
    return partition ? nullptr : &from;
  }

  /// Of the steps of an actor that lie on the way to another stage, the one that is furthest behind; without steps, the
  /// actor's watermark under no name.
  [[nodiscard]] step_time passed_on_by(const located_time& a, std::size_t to_stage) const {
    const auto& stage = plan_.stages[a.stage];
    step_time least{"", a.said->watermark};
    for (const auto& e : stage.edges)
      for (auto at = e.to_stage == to_stage ? e.from_step : stage_head; at != stage_head; at = stage.steps[at].parent)
        if (at < a.said->steps.size() && a.said->steps[at].watermark < least.watermark)
          least = a.said->steps[at];
    return least;
  }

  timestamp newest_before(const located_time& at, std::set<actor_id>& seen) const {
    if (!seen.insert(at.actor).second)
      return min_timestamp;
    auto newest = at.said ? at.said->newest : min_timestamp;
    for (const auto& [input, sender] : at.senders)
      newest = std::max(newest, newest_before(*by_id_.at(sender), seen));
    return newest;
  }

  const dataflow_plan& plan_;
  std::span<const located_time> actors_;
  std::map<actor_id, const located_time*> by_id_;
};

std::int64_t sum_of(std::span<const metrics::sample> samples, std::string_view name, std::string_view step) {
  std::int64_t sum = 0;
  for (const auto& s : samples)
    if (s.name == name && s.step == step)
      sum += s.value;
  return sum;
}

time_report::refusals refused_by(std::string_view source, std::span<const metrics::sample> samples) {
  time_report::refusals r;
  r.future = sum_of(samples, "future_records", source);
  r.past = sum_of(samples, "past_records", source);
  const auto all = sum_of(samples, "dead_letters", source);
  r.undecodable = std::max<std::int64_t>(0, all - r.future - r.past); // the counts are not of one instant
  return r;
}

/// A stage without steps, and a source before its steps, counts as a step of its own.
std::vector<time_report::step_entry> steps_of(
  const stage_plan& stage, const std::vector<const located_time*>& actors, std::span<const metrics::sample> samples) {
  std::vector<time_report::step_entry> entries;
  const bool own = stage.kind == stage_kind::source || stage.steps.empty();
  if (own)
    entries.push_back({stage.name});
  for (const auto& s : stage.steps)
    entries.push_back({s.name});
  for (auto& e : entries)
    e.late = sum_of(samples, "late_records", e.name);
  for (const auto* a : actors) {
    if (!a->said || a->said->ended)
      continue;
    auto next = entries.begin();
    if (own) {
      if (!a->said->idle)
        next->watermark = std::min(next->watermark, a->said->watermark);
      ++next;
    }
    for (const auto& s : a->said->steps)
      if (const auto e = std::find_if(next, entries.end(), [&](const auto& x) { return x.name == s.name; });
          e != entries.end() && (stage.kind != stage_kind::source || !a->said->idle))
        e->watermark = std::min(e->watermark, s.watermark);
  }
  return entries;
}

time_report::stage_entry
stage_of(const dataflow_plan& plan, std::size_t index, const time_map& map, std::span<const metrics::sample> samples) {
  const auto& stage = plan.stages[index];
  const auto actors = map.of_stage(index);
  time_report::stage_entry entry;
  entry.name = stage.name;
  entry.kind = stage.kind;
  const auto all = [&](bool actor_time::*is) {
    return !actors.empty() &&
           std::ranges::all_of(actors, [is](const auto* a) { return a->said && ((*a->said).*is || a->said->ended); });
  };
  entry.ended = all(&actor_time::ended);
  entry.idle = !entry.ended && all(&actor_time::idle);
  entry.newest = map.newest_before(index);
  entry.steps = steps_of(stage, actors, samples);
  if (const auto* slowest = map.slowest_of(index)) {
    entry.slowest = slowest->name;
    entry.held_by = map.follow(*slowest);
  }
  return entry;
}

} // namespace

time_report make_time_report(
  const dataflow_plan& plan, std::span<const located_time> actors, std::span<const metrics::sample> samples) {
  time_report report;
  report.job = plan.job;
  const time_map map{plan, actors};
  for (std::size_t s = 0; s < plan.stages.size(); ++s) {
    const auto& stage = plan.stages[s];
    if (stage.takes_dead_letters)
      continue; // no time passes there
    report.stages.push_back(stage_of(plan, s, map, samples));
    if (stage.kind == stage_kind::source)
      if (const auto refused = refused_by(stage.name, samples); refused.any())
        report.refused.emplace(stage.name, refused);
  }
  for (const auto& a : actors) {
    if (!a.said)
      report.silent.push_back(a.name);
    const auto& stage = plan.stages[a.stage];
    if (stage.kind != stage_kind::source)
      continue;
    report.partitions.push_back(
      {a.name, stage.name, a.said.value_or(actor_time{}), a.said.has_value(),
       stage.alignment ? stage.alignment->group : std::string{}, stage.idle_timeout.has_value()});
    report.newest = std::max(report.newest, report.partitions.back().at.newest);
  }
  return report;
}

} // namespace leat
