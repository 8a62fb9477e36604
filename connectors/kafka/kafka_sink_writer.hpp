#pragma once

#include <leat/connectors/kafka/dead_letter_outbox.hpp>
#include <leat/connectors/kafka/kafka_sink.hpp>
#include <leat/connectors/kafka/record_producer.hpp>
#include <leat/connectors/refusal_log.hpp>
#include <leat/connectors/sink.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// Encodes batches into one producer's queue.
class kafka_sink_writer : public sink_writer {
public:
  /// What a writer is made of.
  struct parts {
    std::string topic;
    std::unique_ptr<encoder> encoding;
    std::shared_ptr<const key_extractor> key;
    std::optional<std::size_t> limit; ///< bytes of the largest record the topic takes; none: the broker decides
    dead_letter_options letters;
    metric* bytes_out = nullptr;
    metrics* notes = nullptr; ///< why the first record was refused
  };

  kafka_sink_writer(std::unique_ptr<record_producer> producer, parts with);

  std::size_t write(const batch_base& in, std::size_t from) override;
  std::uint64_t mark() override { return producer_->segments().mark(); }
  std::uint64_t delivered() override;
  [[nodiscard]] std::uint64_t rejected() const override { return letters_.count(); }

private:
  void encode(const batch_base& in, std::size_t from, std::size_t count);
  void line_up();
  void send();
  [[nodiscard]] bool too_large(const rd_kafka_message_t& record) const;
  [[nodiscard]] std::string too_large_reason(std::size_t bytes) const;
  void put_aside(std::size_t index, std::string reason);

  const std::unique_ptr<record_producer> producer_;
  dead_letter_outbox letters_;
  const parts with_;
  refusal_log refusals_;
  rd_kafka_topic_t* const topic_;
  encoded_records values_;
  encoded_records keys_;
  std::vector<rejection> rejected_;
  std::vector<rd_kafka_message_t> records_;
  std::vector<std::size_t> sources_; // of each entry of records_: its index in the encoded part of the batch
};

} // namespace leat
