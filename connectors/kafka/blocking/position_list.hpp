#pragma once

#include <leat/connectors/kafka/blocking/group_offsets.hpp>
#include <leat/connectors/kafka/handles.hpp>

#include <span>

namespace leat {

/// Positions as librdkafka takes them.
[[nodiscard]] kafka_ptr<rd_kafka_topic_partition_list_t> make_position_list(std::span<const group_position> positions);

} // namespace leat
