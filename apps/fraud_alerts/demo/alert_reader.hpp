#pragma once

#include <leat/apps/fraud_alerts/records.hpp>
#include <leat/base/settings.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace leat::fraud {

/// Reads a topic of alerts from its beginning, as they come.
///
/// Used by one thread.
class alert_reader {
public:
  /// @param config says brokers and librdkafka's properties.
  /// @throws connector_error when the topic cannot be read.
  alert_reader(const settings& config, const std::string& topic);

  /// Waits at most `patience` for an alert and returns all that are there; the result is valid until the next call.
  /// @throws connector_error when reading fails, or what was read is no alert.
  const std::vector<alert>& read(duration patience);

  /// Whether everything before these offsets, one per partition, has been read.
  [[nodiscard]] bool has_read(const std::vector<std::int64_t>& ends) const { return records_.has_read(ends); }

private:
  const std::string topic_;
  kafka_topic_reader records_;
  std::unique_ptr<decoder> from_json_;
  std::vector<alert> alerts_;
};

} // namespace leat::fraud
