#pragma once

#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/source.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// Where the reading of a topic begins.
struct kafka_start {
  enum class place {
    earliest,  ///< at the oldest record Kafka holds
    latest,    ///< after the newest
    committed, ///< where an earlier run of the same group has left off, else at the oldest
    time,      ///< at the first record whose Kafka timestamp is not before `time`
  };

  place from = place::committed;
  timestamp time{};

  static kafka_start earliest() { return {place::earliest, {}}; }
  static kafka_start latest() { return {place::latest, {}}; }
  static kafka_start committed() { return {place::committed, {}}; }
  static kafka_start at(timestamp t) { return {place::time, t}; }
};

struct kafka_source_options {
  std::vector<std::string> topics;
  std::optional<kafka_start> start; ///< none: the setting `kafka.start`
  std::string group{};              ///< consumer group; empty: the setting `kafka.group`, else the job's name
};

/// Reads topics of Kafka through librdkafka, one reader a partition, all on one client.
///
/// Partitions are assigned, never subscribed to: which actor reads what is Leat's business, and the consumer group
/// (`kafka.group`, else the job's name) only keeps offsets. Each partition has a queue of its own, which calls the
/// reader's waker when it stops being empty. Transactions are read committed.
///
/// Settings: `kafka.brokers`, `kafka.group`, `kafka.start`, `kafka.discovery-interval`, `kafka.properties.*`,
/// `kafka.consumer-properties.*`, `time.max-past`, `time.max-future`. Metric, one instance a partition:
/// `bytes_in`, of keys and payloads.
class kafka_source : public source {
public:
  /// @param decoded_by outlives the source, and so does `of`.
  /// @param event_time none: Kafka's timestamp is the event time.
  kafka_source(
    kafka_source_options options, const format& decoded_by, const schema& of,
    std::shared_ptr<const timestamp_assigner> event_time);
  ~kafka_source() override;

  std::vector<partition> open(const connector_context& context) override;
  [[nodiscard]] position_store positions() const override;
  std::unique_ptr<partition_reader>
  make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) override;
  [[nodiscard]] std::shared_ptr<const timestamp_assigner> event_times() const override { return event_time_; }
  void watch(const std::function<void(partition)>& on_new) override;
  [[nodiscard]] timestamp settled() const override;
  [[nodiscard]] std::optional<std::string> close(duration deadline) override;

private:
  struct opened;

  const kafka_source_options options_;
  const format& format_;
  const schema& schema_;
  const std::shared_ptr<const timestamp_assigner> event_time_;
  std::unique_ptr<opened> opened_; // set by open
};

} // namespace leat
