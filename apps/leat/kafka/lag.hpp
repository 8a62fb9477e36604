#pragma once

#include <leat/connectors/kafka/blocking/group_view.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace leat::cli {

/// How far one group is in one partition.
struct partition_lag {
  std::string group;
  offset_range range;
  std::optional<std::int64_t> next; ///< the first offset that it has not read; none: it has committed nothing here

  /// How many offsets it has not read of those that are there; none: it is not known.
  [[nodiscard]] std::optional<std::uint64_t> lag() const;

  /// What a person should know beside the numbers; empty: nothing.
  [[nodiscard]] std::string note() const;
};

/// Of all partitions of the topics that a group has committed anything for.
/// @param topic no other; empty: all.
/// @throws connector_error.
[[nodiscard]] std::vector<partition_lag> lag_of(const cluster_view& on, const std::string& group, const std::string& topic);

} // namespace leat::cli
