#pragma once

#include <leat/connectors/kafka/client.hpp>
#include <leat/connectors/kafka/cluster_check.hpp>
#include <leat/connectors/kafka/kafka_sink.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

struct logged_record;

/// How a transaction has ended.
enum class transaction_end {
  committed,
  refused, ///< nothing is committed: the broker will never take some records
  fenced,  ///< another producer has taken the transactional id over, or the broker has ended the transaction; in doubt
  failed,  ///< in doubt: the marker tells
  stopped, ///< likewise; `stop` was set
};

struct transaction_result {
  transaction_end how = transaction_end::committed;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR; ///< why it failed
  std::string why;                                       ///< for a person
  std::set<std::uint64_t> refused;                       ///< numbers of records, counted over all logs from 0 on
};

/// One transactional producer of librdkafka: writes logs of epochs, each call in one transaction together with its marker.
///
/// The marker is the offset that the group `id` has committed for partition 0 of the marker's topic, which is written in the same
/// transaction. A producer is used until something is in doubt, then destroyed: what a request that was never answered does
/// late would be done to the next transaction otherwise (Kafka's KAFKA-17754). `init` of a new one ends what the old one left.
///
/// All calls but the constructor block; one thread.
class transactional_producer {
public:
  struct parts {
    std::vector<client_property> properties;
    std::vector<client_property> reader_properties; ///< of a consumer
    std::string id;             ///< the transactional id, and the name of the group that keeps the marker
    std::string topic;          ///< the marker's, and that of all records but letters
    std::size_t partitions = 1; ///< about how many it has
    cluster_user user;
    std::string who;                               ///< begins its log lines
    const std::atomic<bool>* stop = nullptr;       ///< set: waiting is over
    std::function<void(transaction_point)> passes; ///< is told; null: nobody is
  };

  explicit transactional_producer(parts with);
  ~transactional_producer();

  /// Takes the id over: ends what an earlier producer of it has left, and shuts that out. Waits for brokers without limit.
  /// @returns nothing when it is done or `stop` was set. @throws connector_error when it never will.
  void init();

  /// The marker; none: there is none, or `stop` was set. Waits for brokers without limit.
  /// @throws connector_error when it cannot be read.
  [[nodiscard]] std::optional<std::uint64_t> marker();

  /// Writes the records of `logs` behind each other and sets the marker. Topics for dead letters are created before.
  /// @throws state_error when a log is damaged.
  transaction_result write(std::span<const std::string_view> logs, std::uint64_t mark);

  /// Whether every request of its transactions was answered, so that it may be used again.
  [[nodiscard]] bool clean() const noexcept;

  /// How long the last transaction has been open when it ended.
  [[nodiscard]] std::chrono::steady_clock::duration open_for() const noexcept { return open_for_; }

  /// How long the broker lets one be open.
  [[nodiscard]] std::chrono::milliseconds timeout() const;

private:
  class watch;
  using clock = std::chrono::steady_clock;

  bool produce(std::span<const std::string_view> logs);
  rd_kafka_resp_err_t produce(const logged_record& record, std::uint64_t number);
  bool send_marker(std::uint64_t mark);
  bool wait_arrived();
  bool commit();
  [[nodiscard]] bool awaits_reports() const noexcept;
  void send_more();
  [[nodiscard]] bool holds(std::size_t batches) const noexcept;
  void serve(int wait_ms);
  void on_delivery(rd_kafka_event_t* event);
  void pass(transaction_point point) const;
  bool fail(rd_kafka_resp_err_t code, std::string why);
  bool failed(rd_kafka_error_t* error);
  [[nodiscard]] bool stopped() const noexcept { return with_.stop->load(); }
  rd_kafka_topic_t* topic(std::string_view name);
  void create_topic(std::string_view name);

  const parts with_;
  const std::shared_ptr<watch> watch_;
  kafka_client client_;
  kafka_ptr<rd_kafka_queue_t> main_;
  std::map<std::string, kafka_ptr<rd_kafka_topic_t>, std::less<>> topics_;
  const std::size_t batch_bytes_, batch_records_; // of a whole one
  std::uint64_t under_way_ = 0;                   // records given to librdkafka and not reported on
  std::size_t bytes_under_way_ = 0;
  int in_vain_ = 0;           // waits in a row without a report
  bool dropped_ = false;      // librdkafka has given records up, as the transaction has failed
  transaction_result result_; // of the transaction under way
  clock::duration open_for_{};
  timestamp
    latest_; // that records get: Kafka refuses some of the future, which a log may have from before the clock was set back
};

} // namespace leat
