#pragma once

#include <leat/base/settings.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

class kafka_client;

/// A topic to be created.
struct topic_spec {
  std::string name;
  int partitions = 1;
  int replication = -1;                       ///< -1: the broker's default
  std::map<std::string, std::string> configs; ///< "retention.ms" and the like
};

/// Creates, changes and looks at topics. Every call blocks, at most ten seconds; any thread.
///
/// All calls throw `connector_error` that names brokers, topic and Kafka's own reason.
class kafka_admin {
public:
  /// @param properties librdkafka's, such as `security.protocol`.
  /// @throws config_error when librdkafka refuses a property.
  explicit kafka_admin(const std::string& brokers, const std::map<std::string, std::string>& properties = {});

  /// As a job would connect, by `kafka.brokers` and `kafka.properties`.
  explicit kafka_admin(const settings& config);
  ~kafka_admin();

  kafka_admin(const kafka_admin&) = delete;
  kafka_admin& operator=(const kafka_admin&) = delete;

  /// Creates a topic and waits until all its partitions have a leader.
  /// @returns false when there is one of that name, which is left as it is.
  bool create_topic(const topic_spec& wanted);

  /// Deletes a topic and waits until it is gone.
  void delete_topic(const std::string& name);

  /// Raises the number of partitions to `total` and waits until they have a leader.
  void grow_topic(const std::string& name, int total);

  /// How many partitions a topic has; none when there is no such topic.
  [[nodiscard]] std::optional<int> partitions(const std::string& name) const;

  /// Of each partition, the offset after its last record; waits for a partition whose leader is being chosen.
  [[nodiscard]] std::vector<std::int64_t> end_offsets(const std::string& name) const;

  /// The offset that `group` has committed for each partition of a topic it has committed for, in no order.
  [[nodiscard]] std::vector<std::int64_t> committed_offsets(const std::string& group, const std::string& name) const;

  /// Forgets the records of a partition before `offset`, as retention does.
  void delete_records(const std::string& name, std::int32_t partition, std::int64_t offset);

private:
  kafka_admin(std::string brokers, std::unique_ptr<kafka_client> client);

  struct topic_state {
    int partitions = 0;
    int led = 0; // of them, those that have a leader
  };
  [[nodiscard]] std::optional<topic_state> look(const std::string& name) const;
  void wait_for_leaders(const std::string& name, int partitions) const;
  [[nodiscard]] std::int64_t end_offset(const std::string& name, std::int32_t partition) const;
  [[noreturn]] void fail(const std::string& what, const std::string& why) const;

  const std::string brokers_;
  std::unique_ptr<kafka_client> client_;
};

} // namespace leat
