#pragma once

#include <leat/actors/link.hpp>
#include <leat/actors/tasks/execution_graph.hpp>
#include <leat/actors/tasks/task_outputs.hpp>
#include <leat/base/metrics.hpp>
#include <leat/messages/partition.hpp>
#include <leat/operators/chain.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace leat {

/// What a subtask is put into: actors with mailboxes, or a test.
struct task_surroundings {
  std::uint32_t credit = 0; ///< batches each of its channels may have under way; at least 1
  metrics* registry = nullptr;
  std::function<void()> wake; ///< from any thread: leads to the task's `on_wake`
  std::function<std::unique_ptr<downstream_link>(const subtask_channel&)> link_to; ///< makes the way to a receiver
  bool snapshots = false;                                                          ///< see `step_context::snapshots`
  std::function<std::shared_ptr<const in_flight_channel>(const subtask_channel&)>
    identity_of{};                  ///< of a channel; none when no barrier overtakes
  std::optional<partition> reads{}; ///< what the actor reads itself, if it is a source's
  bool logs = false;                ///< whether the log hears what steps refuse
  std::function<std::shared_ptr<stored_entries>(const std::string& uid)> stored{}; ///< see `step_context::stored`
  std::size_t memory = 0;                                                          ///< see `step_context::memory`
};

/// The parts of a subtask that somebody has to know.
struct assembled_task {
  std::vector<step*> steps;         ///< as in the plan
  exchange* dead_letters = nullptr; ///< null when it has none
};

/// Makes the steps of a subtask and its ways out, and connects them as the plan says.
/// @param channels what `execution_graph::connect` gave for it.
/// @param steps, outputs the task's, empty.
assembled_task assemble_task(
  const execution_graph& graph, const subtask& place, std::span<const subtask_channel> channels,
  const task_surroundings& surroundings, chain& steps, task_outputs& outputs);

} // namespace leat
