#pragma once

#include <leat/actors/epochs/restored_state.hpp>
#include <leat/actors/tasks/execution_graph.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// Names the channels of a graph so that a restart knows them again, whatever its parallelism, and finds who sends again what was on
/// its way on them at a checkpoint.
///
/// Used by one thread.
class in_flight_routes {
public:
  /// @param graph outlives this.
  /// @param overtakes whether barriers do; otherwise no channel needs a name.
  in_flight_routes(const execution_graph& graph, bool overtakes) : graph_{graph}, overtakes_{overtakes} {}

  /// @param partition that the sender reads, if it is a source's.
  /// @returns none when nothing of the channel is ever saved.
  [[nodiscard]] std::shared_ptr<const in_flight_channel>
  channel(const subtask& sender, std::string partition, const subtask_channel& to) const;

  /// Of what the end of a sink has no room for.
  [[nodiscard]] std::shared_ptr<const in_flight_channel> end_of(const subtask& sink) const;

  /// Who reads which partition of the source in which stage.
  using partition_owners = std::map<std::pair<std::size_t, std::string>, actor_id>;

  /// @param allow_dropped whether records may be lost that the job has no place for.
  /// @returns by who is to send them, the records that were on their way, in order.
  /// @throws state_error when it has no place for some, or their type has changed.
  [[nodiscard]] std::map<actor_id, std::vector<restored_batch>>
  divide(const restored_state& from, const partition_owners& owners, bool allow_dropped) const;

private:
  struct destination {
    std::size_t stage = 0;
    std::size_t edge = 0; // of its `targets_of`; of no meaning at a sink's end
    const record_codec* codec = nullptr;
    std::string_view missing; // why there is none; empty: there is
  };

  [[nodiscard]] destination find(const in_flight_name& name) const;
  [[nodiscard]] actor_id sender_of(std::size_t stage, const in_flight_name& name, const partition_owners& owners) const;

  const execution_graph& graph_;
  const bool overtakes_;
};

} // namespace leat
