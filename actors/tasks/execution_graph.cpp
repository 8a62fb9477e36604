#include <leat/actors/tasks/execution_graph.hpp>

#include <fmt/format.h>

namespace leat {

std::uint32_t execution_graph::parallelism_of(std::size_t stage) const {
  const auto own = plan_.stages[stage].parallelism;
  return own == 0 ? parallelism_ : own;
}

subtask execution_graph::add(std::size_t stage) {
  const auto index = static_cast<std::uint32_t>(ids_[stage].size());
  ids_[stage].push_back(++last_id_);
  return {last_id_, stage, index, fmt::format("{}[{}]", plan_.stages[stage].name, index)};
}

std::vector<subtask_channel> execution_graph::connect(const subtask& sender) {
  std::vector<subtask_channel> channels;
  const auto& stage = plan_.stages[sender.stage];
  std::optional<std::size_t> from;
  if (stage.kind != stage_kind::source)
    from = sender.stage;
  const auto targets = targets_of(stage);
  for (std::size_t t = 0; t < targets.size(); ++t)
    for (std::uint32_t i = 0; i < ids_[targets[t]].size(); ++i) {
      const auto receiver = ids_[targets[t]][i];
      channels.push_back(
        {receiver, targets[t], next_input_[receiver]++, static_cast<output_id>(channels.size()), from,
         t < stage.edges.size() ? stage.edges[t].to_input : 0, t, i});
    }
  return channels;
}

} // namespace leat
