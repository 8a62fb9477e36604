#pragma once

#include <leat/actors/dataflow_plan.hpp>
#include <leat/messages/channel.hpp>
#include <leat/messages/control.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// One of the parallel instances of a stage.
struct subtask {
  actor_id id = 0;
  std::size_t stage = 0;
  std::uint32_t index = 0; ///< among the subtasks of its stage
  std::string name;        ///< for errors: "spending[1]"
};

/// A channel from one subtask to another, by the names that its two ends know it by.
struct subtask_channel {
  actor_id receiver = 0;
  std::size_t to_stage = 0; ///< the receiver's
  input_id input = 0;
  output_id output = 0;
  std::optional<std::size_t> from_stage; ///< the sender's when it is no source; see `input_merge`
  std::size_t to_input = 0;              ///< which input of the first step it feeds
  std::size_t edge = 0;                  ///< which of the sender's `targets_of`
  std::uint32_t to_index = 0;            ///< of the receiver among the subtasks of its stage
};

/// A plan at some parallelism: its subtasks and the channels between them. What Flink calls the execution graph.
///
/// The same for a job in actors and for one in a test, so that both divide records and number channels alike.
/// Used by one thread.
class execution_graph {
public:
  /// @param plan outlives the graph.
  /// @param parallelism of the stages that do not say; at least 1.
  execution_graph(const dataflow_plan& plan, std::uint32_t parallelism)
    : plan_{plan}, parallelism_{parallelism}, ids_(plan.stages.size()) {}

  [[nodiscard]] const dataflow_plan& plan() const noexcept { return plan_; }
  [[nodiscard]] const stage_plan& stage_of(const subtask& s) const { return plan_.stages[s.stage]; }

  /// How many subtasks the stage is to have; those of a source are as many as its partitions.
  [[nodiscard]] std::uint32_t parallelism_of(std::size_t stage) const;

  /// The next subtask of a stage.
  subtask add(std::size_t stage);

  /// Those that were added, by their index.
  [[nodiscard]] const std::vector<actor_id>& subtasks_of(std::size_t stage) const { return ids_[stage]; }

  /// The channels from `sender` to its receivers, which have all been added, in the order of its outputs; once per sender.
  [[nodiscard]] std::vector<subtask_channel> connect(const subtask& sender);

private:
  const dataflow_plan& plan_;
  const std::uint32_t parallelism_;
  std::vector<std::vector<actor_id>> ids_; // by stage and index
  actor_id last_id_ = 0;
  std::map<actor_id, input_id> next_input_; // of each receiver
};

} // namespace leat
