#pragma once

#include <leat/base/settings.hpp>
#include <leat/base/time.hpp>
#include <leat/connectors/source.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

class kafka_client;

/// A partition as the brokers know it.
struct partition_facts {
  std::int32_t number = 0;
  std::int32_t leader = -1;            ///< the id of a broker; -1: it has none
  std::vector<std::int32_t> replicas;  ///< ids of brokers
  std::vector<std::int32_t> in_sync{}; ///< of them, those that have everything
};

/// A topic as the brokers know it.
struct topic_facts {
  std::string name;
  std::vector<partition_facts> partitions; ///< by number

  /// Copies of each record: those of the partition that has the fewest.
  [[nodiscard]] std::size_t replication() const noexcept;

  /// All of them, for questions about offsets.
  [[nodiscard]] std::vector<partition> all() const;
};

/// One setting of a topic.
struct topic_setting {
  std::string name;
  std::optional<std::string> value; ///< none: it is a secret
  bool own = false;                 ///< set for this topic; otherwise the brokers' default
};

/// The offsets that a partition holds.
struct offset_range {
  partition of;
  std::int64_t begin = -1; ///< the first one; -1: the brokers do not say
  std::int64_t end = -1;   ///< the one behind the last, which is the end of open transactions' records too; -1 likewise
  std::string problem;     ///< why they do not say

  [[nodiscard]] std::int64_t count() const noexcept { return end - begin; }
};

/// Looks at a cluster: topics, their settings and offsets. Every call blocks, at most ten seconds; one thread.
///
/// All calls throw `connector_error` that names the brokers, Kafka's own reason, and what to do.
class cluster_view {
public:
  /// Connects as a job would, by `kafka.brokers` and `kafka.properties`, and waits until a broker answers.
  /// @throws config_error when a property is refused.
  explicit cluster_view(const settings& config);
  ~cluster_view();

  cluster_view(const cluster_view&) = delete;
  cluster_view& operator=(const cluster_view&) = delete;

  [[nodiscard]] const std::string& brokers() const noexcept { return brokers_; }

  /// Those that the user may see, by name.
  [[nodiscard]] std::vector<topic_facts> topics() const;

  /// None when there is no such topic.
  [[nodiscard]] std::optional<topic_facts> find_topic(const std::string& name) const;

  /// @throws connector_error also when there is no such topic, with the nearest name and how to create one.
  [[nodiscard]] topic_facts topic(const std::string& name) const;

  /// By name.
  [[nodiscard]] std::vector<topic_setting> topic_settings(const std::string& name) const;

  /// The largest batch of records that the topic takes (`max.message.bytes`); none when the user may not know.
  [[nodiscard]] std::optional<std::size_t> largest_batch(const std::string& topic) const;

  /// What partitions hold, in the order of `of`. What the brokers do not tell is a `problem` of its partition.
  [[nodiscard]] std::vector<offset_range> ranges(const std::vector<partition>& of) const;

  /// Of each partition, the first offset whose record is not older than `time`; none when all are older.
  [[nodiscard]] std::vector<std::optional<std::int64_t>> offsets_at(const std::vector<partition>& of, timestamp time) const;

  /// For the other parts of this folder.
  [[nodiscard]] const kafka_client& client() const noexcept { return *client_; }

private:
  struct found_offset {
    std::int64_t offset = -1;
    std::string problem;
  };
  [[nodiscard]] std::vector<found_offset> ask_offsets(const std::vector<partition>& of, std::int64_t time) const;
  [[noreturn]] void fail_unknown(const std::string& name) const;

  std::string brokers_;
  std::unique_ptr<kafka_client> client_;
};

} // namespace leat
