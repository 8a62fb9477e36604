#include <leat/connectors/kafka/blocking/reporting_producer.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/admin_request.hpp>
#include <leat/connectors/kafka/blocking/record_request.hpp>

#include <fmt/format.h>

#include <array>

namespace leat {

namespace {

/// One request at a time to each broker: of several, one that a new leader refuses would count as delivered when the next one is
/// (see `is_proven`).
std::vector<client_property> producer_properties(const settings& config, const producer_options& options) {
  constexpr const char* origin = "the producer's own";
  std::vector<client_property> own{
    {"acks", options.acks, origin},
    {"enable.idempotence", options.idempotence ? "true" : "false", origin},
    {"max.in.flight.requests.per.connection", "1", origin},
    {"message.timeout.ms", "120000", origin}};
  if (!options.compression.empty())
    own.push_back({"compression.type", options.compression, origin});
  if (options.largest_batch)
    own.push_back(batch_property(*options.largest_batch));
  return client_properties(config, client_role::producer, own);
}

/// Why nothing can be sent any more; empty: it can.
std::string fatal_problem(const kafka_client& client) {
  std::array<char, 512> text{};
  const auto code = rd_kafka_fatal_error(client.get(), text.data(), text.size());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    return {};
  // Brokers number the producers of records that are there once, for whoever may write something.
  return code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
           ? fmt::format("{}; grant the user of kafka.properties WRITE on the topic", text.data())
           : text.data() + advice_for(code);
}

std::string explain_failure(const kafka_client& client, rd_kafka_resp_err_t code) {
  const auto fatal = fatal_problem(client);
  switch (code) {
  case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    return "no broker has acknowledged it in time; it may be in the topic";
  case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    return fatal.empty() ? "not sent when it ended" : fatal;
  case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
    return fatal.empty() ? "not acknowledged when it ended; it may be in the topic" : fatal;
  default:
    return explain_refusal(code);
  }
}

} // namespace

reporting_producer::reporting_producer(const settings& config, const producer_options& options, listener reports)
  : answered_{options.acks != "0"}, reports_{std::move(reports)},
    client_{std::make_unique<kafka_client>(client_role::producer, producer_properties(config, options), "kafka producer")} {
}

reporting_producer::~reporting_producer() = default;

bool reporting_producer::send(const outgoing_record& record, std::uint64_t tag) {
  const auto code = enqueue(*client_, record, tag);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
    return false;
  if (code == RD_KAFKA_RESP_ERR__FATAL)
    throw connector_error{fmt::format("nothing can be sent to \"{}\" any more: {}", record.topic, fatal_problem(*client_))};
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    ++under_way_;
  else
    reports_({.tag = tag, .refusal = explain_failure(*client_, code)});
  work_off(duration{0});
  return true;
}

void reporting_producer::work_off(duration patience) {
  const kafka_ptr<rd_kafka_queue_t> main{rd_kafka_queue_get_main(client_->get())};
  auto wait = static_cast<int>(patience.count());
  while (const kafka_ptr<rd_kafka_event_t> event{rd_kafka_queue_poll(main.get(), wait)}) {
    wait = 0;
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR)
      client_->note_error(event.get());
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR)
      continue;
    while (const auto* const m = rd_kafka_event_message_next(event.get())) {
      --under_way_;
      const bool unproven = answered_ && m->err == RD_KAFKA_RESP_ERR_NO_ERROR && !is_proven(*m);
      reports_(
        {tag_of(*m),
         unproven                               ? "the broker does not say where it is; it may be missing"
         : m->err == RD_KAFKA_RESP_ERR_NO_ERROR ? std::string{}
                                                : explain_failure(*client_, m->err),
         m->offset, std::chrono::microseconds{rd_kafka_message_latency(m)}});
    }
  }
}

void reporting_producer::give_up() {
  rd_kafka_purge(client_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  for (const kafka_deadline deadline{std::chrono::seconds{5}}; under_way_ > 0 && !deadline.over();)
    work_off(duration{100});
}

} // namespace leat
