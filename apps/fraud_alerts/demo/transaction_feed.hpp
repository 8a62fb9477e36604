#pragma once

#include <leat/apps/fraud_alerts/demo/latency_log.hpp>
#include <leat/apps/fraud_alerts/demo/traffic.hpp>
#include <leat/base/metrics.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace leat::fraud {

/// Where and how fast a `transaction_feed` writes.
struct feed_options {
  std::string brokers;
  std::map<std::string, std::string> properties; ///< librdkafka's
  std::string topic;
  int partitions = 1;
  std::int64_t rate = 0;      ///< transactions per second, at most; 0: no limit
  std::int64_t ahead = 10000; ///< transactions that the job has not read yet, at most
  duration close_after{};     ///< how far the closing transactions lie behind the last one, in event time
};

/// Writes traffic to Kafka, no faster than the job reads it, and then one closing transaction to each partition, so late
/// that every window before it fires.
///
/// How far the job has read is its metric `records_in`: what lies in its client's queue has been fetched but not read, and
/// counts as waiting.
///
/// Runs on a thread of its own from construction on. All calls are for one other thread; what they return is settled once
/// `finished()` is true.
class transaction_feed {
public:
  /// @param of the metrics of the job; all references outlive the feed.
  transaction_feed(traffic& from, feed_options options, const metrics& of, latency_log& latencies);

  /// Stops feeding at once.
  ~transaction_feed();

  transaction_feed(const transaction_feed&) = delete;
  transaction_feed& operator=(const transaction_feed&) = delete;

  /// Feeds only the closing transactions from now on.
  void stop() noexcept { stop_.store(true, std::memory_order_relaxed); }

  /// Whether everything, the closing transactions too, has been delivered.
  /// @throws connector_error when it cannot be.
  [[nodiscard]] bool finished() const;

  /// Transactions handed to the producer so far, closing ones too.
  [[nodiscard]] std::int64_t sent() const noexcept { return sent_.load(std::memory_order_relaxed); }

  /// The same without the closing ones.
  [[nodiscard]] std::int64_t events() const noexcept { return events_.load(std::memory_order_relaxed); }

  /// Of each fraud, how many transactions were fed.
  [[nodiscard]] const std::vector<std::int64_t>& fed() const noexcept { return fed_; }

private:
  void run();
  void feed_all();
  void close_windows();
  bool fill();
  void send();
  void wait_for_turn();
  [[nodiscard]] bool abandoned() const noexcept { return abandon_.load(std::memory_order_relaxed); }

  traffic& traffic_;
  const feed_options options_;
  const metrics& metrics_;
  latency_log& latencies_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> abandon_{false};
  std::atomic<bool> finished_{false};
  std::atomic<std::int64_t> sent_{0};
  std::atomic<std::int64_t> events_{0};
  std::exception_ptr failure_; // written before finished_
  std::vector<std::int64_t> fed_;

  // Of the feeding thread:
  kafka_feeder feeder_;
  std::unique_ptr<encoder> encoder_;
  std::vector<transaction> records_;
  std::vector<std::optional<std::size_t>> frauds_;
  std::size_t filled_ = 0;
  encoded_records encoded_;
  std::vector<timestamp> newest_; // by partition
  latency_log::clock::time_point began_;

  std::thread thread_; // last: it uses all of the above
};

} // namespace leat::fraud
