#pragma once

#include <leat/connectors/kafka/client.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace leat {

/// How long one request of administration may take.
inline constexpr std::chrono::milliseconds admin_patience{10'000};

/// Runs one administrative request: `start` sends it with its answer going to the queue it is given.
/// @returns null when there is no answer in time.
template <class Start>
kafka_ptr<rd_kafka_event_t> ask_admin(const kafka_client& client, Start start) {
  const kafka_ptr<rd_kafka_queue_t> answers{rd_kafka_queue_new(client.get())};
  start(answers.get());
  return kafka_ptr<rd_kafka_event_t>{rd_kafka_queue_poll(answers.get(), static_cast<int>(admin_patience.count()))};
}

/// What to do about an error, to follow Kafka's own reason: which permission to grant; empty when that says it all.
[[nodiscard]] std::string advice_for(rd_kafka_resp_err_t code);

/// @param what "list the groups".
/// @throws connector_error always: "cannot list the groups on host:9092: why".
[[noreturn]] void
fail_request(const std::string& brokers, std::string_view what, std::string_view why, rd_kafka_resp_err_t code);

/// @param answer null: there was none in time.
/// @throws connector_error when there is no answer, or it is an error as a whole.
void expect_answer(const std::string& brokers, std::string_view what, rd_kafka_event_t* answer);

} // namespace leat
