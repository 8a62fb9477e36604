#include <leat/actors/tasks/in_flight_routes.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace leat {

namespace {

/// @throws state_error unless it may be.
void lose(const in_flight_name& name, std::string_view why, std::uint64_t checkpoint, bool allowed) {
  const auto what = fmt::format(
    "checkpoint {} has records on their way from '{}' to '{}' that this job has no place for: {}", checkpoint,
    name.sender.empty() ? name.receiver : name.sender, name.receiver, why);
  if (!allowed)
    throw state_error{fmt::format(
      "{}. Begin with a savepoint of the former program, which has no such records, or without them: "
      "--allow-dropped-state",
      what)};
  spdlog::warn("{}; they are dropped", what);
}

} // namespace

std::shared_ptr<const in_flight_channel>
in_flight_routes::channel(const subtask& sender, std::string partition, const subtask_channel& to) const {
  const auto& plan = graph_.plan();
  const auto& stage = graph_.stage_of(sender);
  const auto* const codec = records_of(stage, to.edge).codec;
  if (!overtakes_ || !codec)
    return nullptr;
  in_flight_name name{
    uid_of(stage), uid_of(plan.stages[to.to_stage]), edges_before(plan, stage, to.edge), sender.index, std::move(partition),
    to.to_index};
  return std::make_shared<in_flight_channel>(std::move(name), *codec);
}

std::shared_ptr<const in_flight_channel> in_flight_routes::end_of(const subtask& sink) const {
  const auto& stage = graph_.stage_of(sink);
  const auto* const codec = stage.kind == stage_kind::sink ? records_into(graph_.plan(), sink.stage).codec : nullptr;
  if (!overtakes_ || !codec)
    return nullptr;
  return std::make_shared<in_flight_channel>(in_flight_name{"", uid_of(stage), 0, sink.index, "", sink.index}, *codec);
}

std::map<actor_id, std::vector<restored_batch>>
in_flight_routes::divide(const restored_state& from, const partition_owners& owners, bool allow_dropped) const {
  std::map<actor_id, std::vector<restored_batch>> by_sender;
  for (const auto& [name, saved] : from.in_flight()) {
    const auto to = find(name);
    if (to.missing.empty())
      by_sender[sender_of(to.stage, name, owners)].push_back({to.edge, in_flight_batch(name, saved, *to.codec)});
    else
      lose(name, to.missing, from.epoch(), allow_dropped);
  }
  return by_sender;
}

in_flight_routes::destination in_flight_routes::find(const in_flight_name& name) const {
  const auto& plan = graph_.plan();
  const bool at_end = name.sender.empty();
  const auto stage =
    std::ranges::find(plan.stages, at_end ? name.receiver : name.sender, [](const stage_plan& s) { return uid_of(s); });
  if (stage == plan.stages.end())
    return {.missing = "the one that has sent them is gone"};
  destination to;
  to.stage = static_cast<std::size_t>(stage - plan.stages.begin());
  if (at_end) {
    to.codec = records_into(plan, to.stage).codec;
  } else {
    const auto edge = edge_to(plan, *stage, name.receiver, name.edge);
    if (!edge)
      return {.missing = "nothing leads from the one to the other"};
    to.edge = *edge;
    to.codec = records_of(*stage, *edge).codec;
  }
  if (!to.codec)
    to.missing = "their type cannot be read from bytes";
  return to;
}

/// Who stands in for the subtask that has sent it.
actor_id in_flight_routes::sender_of(std::size_t stage, const in_flight_name& name, const partition_owners& owners) const {
  if (const auto reads = owners.find({stage, name.partition}); reads != owners.end())
    return reads->second;
  const auto& all = graph_.subtasks_of(stage);
  if (all.empty())
    throw state_error{fmt::format(
      "the checkpoint has records on their way that source '{}' has sent from {}, and it has no partition now that could "
      "send them",
      graph_.plan().stages[stage].name, name.partition)};
  return all[name.from % all.size()];
}

} // namespace leat
