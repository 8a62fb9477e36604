#pragma once

#include <leat/connectors/kafka/offset_committer.hpp>
#include <leat/connectors/record_intake.hpp>
#include <leat/connectors/source.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace leat {

/// Reads one partition of Kafka from a queue of its own.
///
/// librdkafka fetches ahead into that queue, up to a bound in bytes, and stops. Once *all* queues of a broker are full its
/// thread sleeps, up to a second, without looking whether they have been read (librdkafka 2.0.2,
/// `rd_kafka_broker_consumer_serve`); with a bound small enough for flat memory that would halve the speed. So a reader
/// that sees its queue half empty again wakes that thread with a cheap request (`nudge`).
///
/// Records that the decoder is not ready for stay where they are, and those behind them.
///
/// In one actor, as `partition_reader` says; the waker is called on a thread of librdkafka's.
class kafka_partition_reader : public partition_reader {
public:
  static constexpr std::int64_t unbounded = INT64_MAX;

  /// Starts fetching at `start`; ends before the offset `end`.
  /// @param bytes_in counts the bytes of keys and payloads taken.
  kafka_partition_reader(
    std::shared_ptr<kafka_consumer> consumer, partition which, std::int64_t start, std::int64_t end, record_intake intake,
    metric& bytes_in, waker wake);
  ~kafka_partition_reader() override;

  read_status read(batch_base& out, batch<dead_letter>& rejected) override;
  [[nodiscard]] std::int64_t position() const override { return position_; }
  void commit(std::int64_t position, timestamp settled) override;
  [[nodiscard]] std::int64_t lag() const override;

  /// Also false before the first answer to a fetch, which is when the end becomes known.
  [[nodiscard]] bool caught_up() const override;

private:
  void start_fetching();
  bool fetch();
  std::size_t collect(std::size_t stride);
  void count_bytes();
  void on_error(rd_kafka_resp_err_t code, std::int64_t offset, const std::string& text);
  [[noreturn]] void throw_reset(const std::string& text) const;
  void drop(std::size_t count);
  void follow_control_records();
  void nudge_if_half_empty();
  void nudge();

  const std::shared_ptr<kafka_consumer> consumer_;
  const partition which_;
  const std::int64_t end_;
  record_intake intake_;
  metric& bytes_in_;
  const waker wake_;
  kafka_ptr<rd_kafka_queue_t> queue_; // none when there was nothing to read from the start

  std::int64_t position_;
  std::array<rd_kafka_message_t*, max_batch_records> messages_{}; // fetched: next_ to fetched_ not yet taken
  std::size_t next_ = 0;
  std::size_t fetched_ = 0;
  queue_error beside_;              // what the last fetch has met beside messages
  std::vector<raw_record> records_; // the messages being taken
  std::size_t usual_weight_ = 256;  // bytes of a record in a batch, averaged: how many to ask for
  std::size_t fullest_ = 0;         // length of the queue since it was last nudged
};

} // namespace leat
