#include <leat/connectors/kafka/blocking/reporting_producer.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/admin_request.hpp>
#include <leat/connectors/kafka/client.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace leat {

namespace {

constexpr std::size_t usual_batch = 1'000'000; // bytes, librdkafka's own

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
    own.push_back({"batch.size", std::to_string(std::clamp<std::size_t>(*options.largest_batch, 1, usual_batch)), origin});
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

std::string explain_refusal(const kafka_client& client, rd_kafka_resp_err_t code) {
  const auto fatal = fatal_problem(client);
  switch (code) {
  case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    return "no broker has acknowledged it in time; it may be in the topic";
  case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    return fatal.empty() ? "not sent when it ended" : fatal;
  case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
    return fatal.empty() ? "not acknowledged when it ended; it may be in the topic" : fatal;
  case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    return "larger than the topic takes (max.message.bytes)";
  default:
    return rd_kafka_err2str(code) + advice_for(code);
  }
}

/// @returns null when there are none.
kafka_ptr<rd_kafka_headers_t> make_headers(std::span<const kafka_header> headers) {
  if (headers.empty())
    return nullptr;
  kafka_ptr<rd_kafka_headers_t> made{rd_kafka_headers_new(headers.size())};
  for (const auto& h : headers)
    rd_kafka_header_add(
      made.get(), h.name.data(), static_cast<ssize_t>(h.name.size()), h.value ? h.value->data() : nullptr,
      h.value ? static_cast<ssize_t>(h.value->size()) : 0);
  return made;
}

/// At null when there are none, which librdkafka takes for null; at something when they are empty.
std::string_view bytes_of(std::optional<std::string_view> bytes) {
  if (!bytes)
    return {};
  return bytes->empty() ? std::string_view{""} : *bytes;
}

void* to_opaque(std::uint64_t tag) { return reinterpret_cast<void*>(tag); }

} // namespace

reporting_producer::reporting_producer(const settings& config, const producer_options& options, listener reports)
  : answered_{options.acks != "0"}, reports_{std::move(reports)},
    client_{std::make_unique<kafka_client>(client_role::producer, producer_properties(config, options), "kafka producer")} {
}

reporting_producer::~reporting_producer() = default;

bool reporting_producer::send(const outgoing_record& record, std::uint64_t tag) {
  auto headers = make_headers(record.headers);
  const auto key = bytes_of(record.key), value = bytes_of(record.value);
  const auto code = rd_kafka_producev(
    client_->get(), RD_KAFKA_V_TOPIC(record.topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
    RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_HEADERS(headers.get()),
    RD_KAFKA_V_OPAQUE(to_opaque(tag)), RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
    return false;
  if (code == RD_KAFKA_RESP_ERR__FATAL)
    throw connector_error{fmt::format("nothing can be sent to \"{}\" any more: {}", record.topic, fatal_problem(*client_))};
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    (void)headers.release(); // the record's now
    ++under_way_;
  } else {
    reports_({.tag = tag, .refusal = explain_refusal(*client_, code)});
  }
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
        {reinterpret_cast<std::uint64_t>(m->_private),
         unproven                               ? "the broker does not say where it is; it may be missing"
         : m->err == RD_KAFKA_RESP_ERR_NO_ERROR ? std::string{}
                                                : explain_refusal(*client_, m->err),
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
