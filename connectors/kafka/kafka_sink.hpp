#pragma once

#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/sink.hpp>

#include <functional>
#include <memory>
#include <string>

namespace leat {

/// Writes the Kafka keys of a batch's records as bytes. One virtual call a batch; made by the typed API. Any thread.
class key_extractor {
public:
  virtual ~key_extractor() = default;

  /// Appends one entry for each record of `records`, from index `from` on.
  virtual void keys(const batch_base& records, std::size_t from, encoded_records& out) const = 0;
};

/// A place in a transaction at which a test may end the process.
enum class transaction_point {
  begun,         ///< nothing is produced yet
  half_produced, ///< half of the records are in Kafka
  produced,      ///< all records have arrived
  ending,        ///< the request to commit has been sent; on a thread of librdkafka's
  answered,      ///< it has been answered
};

struct kafka_sink_options {
  std::string topic;
  std::function<void(transaction_point)> passes{}; ///< for tests: is told of each, on threads of the sink's
};

/// Writes records to a Kafka topic: at least once, with one idempotent producer a writer, or exactly once, with one
/// transactional producer a writer that has checkpoints (`transactional_writer`).
///
/// A broker that is away is waited for without limit; a missing topic or permission ends the job. What can never be
/// written (too large for the topic, no form in the format) goes to `<topic>-dlq` with the reason, where the job
/// writes dead letters. Kafka's timestamp is
/// the time of writing; the partition is chosen by the key's murmur2 hash, as Java's clients do.
///
/// Exactly once, dead letters are part of the transaction, and Kafka's timestamp is the time at which the record was logged. The
/// transactional id, and the group that keeps the marker on partition 0 of the topic, is `<job>.<uid>.<shard>`.
///
/// Settings: `kafka.brokers`, `kafka.properties.*`, `kafka.producer-properties.*`; exactly once also `kafka.epoch-memory`
/// and `kafka.allow-duplicates`. Metric: `bytes_out` of each writer.
class kafka_sink : public sink {
public:
  /// @param encoded_by outlives the sink, and so does `of`.
  /// @param key none: records have no key and are spread over the partitions.
  kafka_sink(
    kafka_sink_options options, const format& encoded_by, const schema& of, std::shared_ptr<const key_extractor> key);
  ~kafka_sink() override;

  void open(const connector_context& context) override;
  std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;
  std::unique_ptr<transactional_writer>
  make_transactional_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;
  [[nodiscard]] std::string dead_letters_in() const override;

private:
  struct opened;

  const kafka_sink_options options_;
  const format& format_;
  const schema& schema_;
  const std::shared_ptr<const key_extractor> key_;
  std::unique_ptr<opened> opened_; // set by open
};

} // namespace leat
