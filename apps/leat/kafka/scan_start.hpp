#pragma once

#include <leat/connectors/kafka/blocking/cluster_view.hpp>
#include <leat/connectors/kafka/blocking/topic_scan.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace leat::cli {

/// Where somebody wants to begin to read.
struct from_earliest {};
struct from_latest {};
struct from_offset {
  std::int64_t offset = 0; ///< of each partition
};
struct from_last {
  std::int64_t count = 0; ///< so many offsets of each partition
};
struct from_time {
  timestamp time;
};
struct from_group {
  std::string group; ///< where it has stopped; at the earliest where it has committed nothing
};
using scan_start = std::variant<from_earliest, from_latest, from_offset, from_last, from_time, from_group>;

/// `earliest`, `latest`, an offset, or a time such as 2024-05-01T12:00:00Z. @throws config_error for anything else.
[[nodiscard]] scan_start parse_start(std::string_view text);

/// What is to be read of partitions, up to what is their end now.
/// @throws connector_error when an offset that is asked for is gone, or the brokers do not tell.
[[nodiscard]] std::vector<scan_range>
ranges_from(const cluster_view& on, const std::vector<partition>& of, const scan_start& from);

} // namespace leat::cli
