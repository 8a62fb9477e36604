#pragma once

#include <leat/base/time.hpp>
#include <leat/connectors/kafka/client_settings.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

class kafka_client;

/// Puts records into topics from plain, blocking code: feeds demos, benchmarks and tests. Jobs write through `kafka_sink`.
/// The records of a partition arrive once and in order, also when the broker has to be asked again.
/// Not thread-safe.
class kafka_feeder {
public:
  explicit kafka_feeder(const std::string& brokers, const std::map<std::string, std::string>& properties = {});
  ~kafka_feeder();

  /// Sends a record, waiting while the queue is full.
  /// @param partition -1: chosen by the key.
  /// @param time none: now.
  /// @throws connector_error when it cannot be sent.
  void send(
    const std::string& topic, std::optional<std::string_view> key, std::optional<std::string_view> payload,
    std::int32_t partition = -1, std::optional<timestamp> time = {});

  /// Waits until all is delivered.
  /// @throws connector_error when something was not, or not within `patience`.
  void flush(duration patience = duration{30'000});

private:
  void work_off(int wait_ms);

  std::unique_ptr<kafka_client> client_;
  std::string failure_;
};

/// A record as it was read back.
struct kafka_record {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  timestamp time{};
  std::optional<std::string> key;
  std::optional<std::string> payload;
  std::map<std::string, std::string> headers;
};

/// Reads a topic from its beginning, as it grows, from plain, blocking code. Jobs read through `kafka_source`.
/// Not thread-safe.
class kafka_topic_reader {
public:
  /// @param properties of a consumer, as `client_properties` or `plain_properties` give them.
  /// @throws connector_error when the topic cannot be read, or nobody answers within `patience`.
  kafka_topic_reader(std::vector<client_property> properties, std::string topic, duration patience = duration{9'000});
  ~kafka_topic_reader();

  /// The next record; none when none has come within `patience`, and whenever the end of a partition is met.
  /// @throws connector_error when reading cannot go on.
  std::optional<kafka_record> next(duration patience);

  /// Whether everything before these offsets, one per partition, has been read.
  [[nodiscard]] bool has_read(const std::vector<std::int64_t>& ends) const;

  /// Whether each partition has been read up to what was its end at some time since the start.
  [[nodiscard]] bool has_met_all_ends() const;

private:
  struct state {
    std::int64_t next = 0; // the offset after the last record
    bool met_end = false;
  };

  const std::string topic_;
  std::unique_ptr<kafka_client> client_;
  std::vector<state> partitions_;
};

/// Reads all that a topic holds now, in each partition's order, as committed.
/// @throws connector_error when the topic's end is not reached within `patience`.
std::vector<kafka_record>
read_topic(const std::string& brokers, const std::string& topic, duration patience = duration{30'000});

} // namespace leat
