#pragma once

#include <leat/connectors/kafka/blocking/cluster_view.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace leat {

/// A consumer group as the brokers know it.
struct group_facts {
  std::string name;
  std::string state; ///< "Stable", "Empty": nobody is in it, as in those of Leat's jobs, …
};

/// What a group has committed for one partition.
struct committed_offset {
  partition of;
  std::int64_t next = 0; ///< the first offset that it has not read
  std::string metadata;  ///< what it has stored beside that
};

/// Those that the user may see, by name. @throws connector_error, as `cluster_view` does.
[[nodiscard]] std::vector<group_facts> list_groups(const cluster_view& on);

/// By topic and partition; empty for a group that there is not. @throws connector_error likewise.
[[nodiscard]] std::vector<committed_offset> committed_by(const cluster_view& on, const std::string& group);

/// The same, once transactions that commit something for the group have ended.
[[nodiscard]] std::vector<committed_offset> settled_by(const cluster_view& on, const std::string& group);

} // namespace leat
