#pragma once

#include <leat/connectors/kafka/client.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace leat {

/// Who talks to which cluster, for error texts.
struct cluster_user {
  std::string step;    ///< the step's name; empty: it is no job that asks
  std::string brokers; ///< kafka.brokers
};

/// What a topic is needed for, for error texts.
enum class topic_use { read, write };

/// How many partitions `topic` has, once a broker has answered: what a connector checks before a job starts.
/// Never creates the topic: librdkafka lets producers create it by asking, so `client` must be a consumer.
/// @throws connector_error when no broker answers in time, the credentials are refused, the topic does not exist or the
///         user may not see it. The text names brokers and topic and says what to do.
std::int32_t partition_count(
  const kafka_client& client, const std::string& topic, topic_use use, const cluster_user& user,
  const kafka_deadline& deadline);

/// Waits until a broker answers.
/// @throws connector_error when none does in time, or the credentials are refused.
void check_reachable(const kafka_client& client, const cluster_user& user, const kafka_deadline& deadline);

/// Whether the cluster has a controller, and so takes requests of administration; a mock cluster has none, and such
/// requests would wait for it until they time out.
bool has_controller(const kafka_client& client, const kafka_deadline& deadline);

/// The topic's `max.message.bytes`: the largest batch of records the broker takes for it. None when the broker does not
/// say (no permission to describe it). Needs a controller; see `has_controller`.
std::optional<std::size_t>
topic_limit(const kafka_client& client, const std::string& topic, const kafka_deadline& deadline);

/// `step "alerts": …`, for every error of this folder; what is said alone when no step asks.
std::string step_text(const cluster_user& user, const std::string& what);

} // namespace leat
