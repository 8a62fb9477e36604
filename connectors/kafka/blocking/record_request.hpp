#pragma once

#include <leat/connectors/kafka/blocking/reporting_producer.hpp>
#include <leat/connectors/kafka/client.hpp>

#include <cstdint>
#include <string>

namespace leat {

/// Gives a record to a producer's queue.
/// @param tag the message of its delivery report has it: `tag_of`.
/// @returns why it is not taken; `RD_KAFKA_RESP_ERR__QUEUE_FULL`: for now.
[[nodiscard]] rd_kafka_resp_err_t enqueue(const kafka_client& producer, const outgoing_record& record, std::uint64_t tag);

[[nodiscard]] std::uint64_t tag_of(const rd_kafka_message_t& reported) noexcept;

/// Why Kafka does not take a record, with what to do about it, if that is known.
[[nodiscard]] std::string explain_refusal(rd_kafka_resp_err_t code);

/// Batches that are never refused but for their one too large record. @param largest what the topic takes, in bytes.
[[nodiscard]] client_property batch_property(std::size_t largest);

} // namespace leat
