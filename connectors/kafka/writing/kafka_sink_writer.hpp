#pragma once

#include <leat/connectors/kafka/dead_letter_outbox.hpp>
#include <leat/connectors/kafka/record_producer.hpp>
#include <leat/connectors/kafka/writing/record_lineup.hpp>
#include <leat/connectors/sink.hpp>

#include <memory>
#include <string>
#include <vector>

namespace leat {

/// Encodes batches into one producer's queue: at least once.
class kafka_sink_writer : public sink_writer {
public:
  kafka_sink_writer(
    std::unique_ptr<record_producer> producer, const std::string& topic, record_lineup::parts with,
    dead_letter_options letters);

  std::size_t write(const batch_base& in, std::size_t from) override;
  std::uint64_t mark() override { return producer_->segments().mark(); }
  std::uint64_t delivered() override;
  [[nodiscard]] std::uint64_t rejected() const override { return letters_.count(); }

private:
  void send();

  const std::unique_ptr<record_producer> producer_;
  dead_letter_outbox letters_;
  record_lineup lineup_;
  rd_kafka_topic_t* const topic_;
  std::vector<rd_kafka_message_t> records_;
};

} // namespace leat
