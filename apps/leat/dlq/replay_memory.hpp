#pragma once

#include <leat/apps/leat/dlq/replayed_offsets.hpp>
#include <leat/connectors/kafka/blocking/cluster_view.hpp>
#include <leat/connectors/kafka/blocking/group_offsets.hpp>

#include <map>
#include <set>
#include <string>

namespace leat::cli {

/// Remembers in a consumer group which letters of a topic were sent again: docs/formats/replay_metadata.md.
class replay_memory {
public:
  /// @throws connector_error when the brokers do not tell; state_error when the group is another program's.
  replay_memory(const settings& config, const cluster_view& on, const topic_facts& topic, const std::string& group);

  [[nodiscard]] bool contains(const partition& of, std::int64_t offset) const;

  /// A letter is about to be sent. @returns false: when it is, that could not be remembered, as it has a bound.
  [[nodiscard]] bool plan(const partition& of, std::int64_t offset);

  /// It was sent.
  void add(const partition& of, std::int64_t offset);

  /// Makes what was added last.
  /// @throws connector_error when it is not stored.
  void store();

private:
  std::map<partition, replayed_offsets> sent_;
  std::map<partition, replayed_offsets> planned_; // with those that are about to be
  std::set<partition> changed_;                   // since the last `store`
  group_offsets stored_;
};

} // namespace leat::cli
