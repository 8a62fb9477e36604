#pragma once

#include <leat/connectors/kafka/blocking/cluster_view.hpp>

#include <map>
#include <string>

namespace leat {

/// Gives some settings of a topic other values, and leaves the others as they are. librdkafka 2.0.2 can only replace all of them:
/// what somebody else changes between reading and writing, a few milliseconds, is lost.
/// @param changes by name; an empty value: the brokers' default again.
/// @throws config_error when the topic has no such setting, with the nearest name; connector_error when Kafka refuses.
void change_topic_settings(
  const cluster_view& on, const std::string& topic, const std::map<std::string, std::string>& changes);

} // namespace leat
