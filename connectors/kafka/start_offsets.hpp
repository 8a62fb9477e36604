#pragma once

#include <leat/base/settings.hpp>
#include <leat/base/time.hpp>
#include <leat/connectors/kafka/kafka_source.hpp>

#include <cstdint>
#include <vector>

namespace leat {

class kafka_client;
class kafka_deadline;
struct cluster_user;

/// Where one partition is read from, and what it held when that was decided.
struct partition_start {
  partition which;
  std::int64_t start = 0;            ///< the first offset to read
  std::int64_t begin = 0;            ///< the first offset Kafka holds
  std::int64_t end = 0;              ///< the offset after the last one that may be read (the last stable offset)
  timestamp settled = min_timestamp; ///< from the committed offset's metadata
};

/// `kafka.start`: `earliest`, `latest`, `committed`, or an ISO-8601 time.
/// @throws config_error for anything else.
kafka_start configured_start(const settings& config);

/// Decides where each partition is read from.
/// `committed` starts partitions without a committed offset at the earliest.
/// @throws connector_error when the brokers do not say in time, the group may not be read, or a committed offset lies
///         outside what the partition holds: the text names topic, partition, offset and range.
std::vector<partition_start> resolve_start(
  const kafka_client& client, const std::vector<partition>& partitions, const kafka_start& from, const cluster_user& user,
  const kafka_deadline& deadline);

} // namespace leat
