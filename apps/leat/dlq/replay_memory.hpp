#pragma once

#include <leat/apps/leat/dlq/replayed_offsets.hpp>
#include <leat/connectors/kafka/blocking/cluster_view.hpp>
#include <leat/connectors/kafka/blocking/group_offsets.hpp>
#include <leat/connectors/kafka/blocking/group_view.hpp>

#include <map>
#include <vector>

namespace leat::cli {

/// Remembers in a consumer group which letters of a topic were sent again: docs/formats/replay_metadata.md.
class replay_memory {
public:
  /// @param committed what the group has.
  /// @throws connector_error when the brokers do not tell; state_error when the group is another program's.
  replay_memory(const cluster_view& on, const topic_facts& topic, const std::vector<committed_offset>& committed);

  [[nodiscard]] bool contains(const partition& of, std::int64_t offset) const;

  /// Whether a letter could be remembered beside those that are planned: there is a bound.
  [[nodiscard]] bool fits(const partition& of, std::int64_t offset) const;

  /// It is to be sent with the others that are planned.
  void plan(const partition& of, std::int64_t offset);

  /// What the group is to hold once those that are planned were sent.
  [[nodiscard]] std::vector<group_position> planned() const;

  /// They were sent, and that is stored.
  void keep();

  /// None of them was.
  void drop();

private:
  [[nodiscard]] const replayed_offsets& planned_of(const partition& of) const;

  std::map<partition, replayed_offsets> sent_;
  std::map<partition, replayed_offsets> planned_; // of partitions with letters that are planned: with those
};

} // namespace leat::cli
