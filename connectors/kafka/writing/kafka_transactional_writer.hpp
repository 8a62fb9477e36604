#pragma once

#include <leat/connectors/epochs/logging_writer.hpp>
#include <leat/connectors/kafka/writing/record_lineup.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace leat {

/// The writer of an exactly-once sink to Kafka: records are in the log as they are to be in the topic.
class kafka_transactional_writer final : public logging_writer {
public:
  struct parts {
    std::uint32_t shard = 0;
    std::string topic;
    std::size_t memory = 0; ///< bytes of logs that it keeps at most
    bool writes_letters = true;
  };

  kafka_transactional_writer(record_lineup::parts records, std::unique_ptr<epoch_committer> committer, parts with);

private:
  std::uint64_t log(const batch_base& in, std::size_t from, std::size_t count, epoch_log_writer& to) override;

  record_lineup lineup_;
  const parts with_;
};

} // namespace leat
