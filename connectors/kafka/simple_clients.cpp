#include <leat/connectors/kafka/simple_clients.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/client.hpp>
#include <leat/connectors/kafka/cluster_check.hpp>

#include <fmt/format.h>

#include <utility>

namespace leat {

namespace {

std::vector<client_property> properties_of(const std::string& brokers, const std::map<std::string, std::string>& given) {
  std::vector<client_property> all{
    {"bootstrap.servers", brokers, "brokers"}, {"log.connection.close", "false", ""}, {"linger.ms", "5", ""}};
  for (const auto& [name, value] : given)
    all.push_back({name, value, name});
  return all;
}

/// Without idempotence, a request that is tried again comes behind the next one.
std::vector<client_property> feeder_properties(const std::string& brokers, std::map<std::string, std::string> given) {
  given.try_emplace("enable.idempotence", "true");
  return properties_of(brokers, given);
}

kafka_record record_of(const rd_kafka_message_t& m) {
  kafka_record r;
  rd_kafka_timestamp_type_t type;
  r.partition = m.partition;
  r.offset = m.offset;
  r.time = from_millis(rd_kafka_message_timestamp(&m, &type));
  if (m.key)
    r.key.emplace(static_cast<const char*>(m.key), m.key_len);
  if (m.payload)
    r.payload.emplace(static_cast<const char*>(m.payload), m.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
      r.headers[name].assign(static_cast<const char*>(value), size);
  }
  return r;
}

} // namespace

kafka_feeder::kafka_feeder(const std::string& brokers, const std::map<std::string, std::string>& properties)
  : client_{std::make_unique<kafka_client>(client_role::producer, feeder_properties(brokers, properties), "feeder")} {}

kafka_feeder::~kafka_feeder() = default;

void kafka_feeder::send(
  const std::string& topic, std::optional<std::string_view> key, std::optional<std::string_view> payload,
  std::int32_t partition, std::optional<timestamp> time) {
  const void* const key_bytes = key ? key->data() : nullptr;
  const auto key_size = key ? key->size() : 0;
  void* const bytes = payload ? const_cast<char*>(payload->data()) : nullptr;
  const auto size = payload ? payload->size() : 0;
  const auto millis = time ? to_millis(*time) : 0; // 0 is now
  auto code = RD_KAFKA_RESP_ERR_NO_ERROR;
  do {
    code = rd_kafka_producev(
      client_->get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key_bytes, key_size), RD_KAFKA_V_VALUE(bytes, size),
      RD_KAFKA_V_TIMESTAMP(millis), RD_KAFKA_V_END);
    work_off(code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? 10 : 0);
  } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw connector_error{fmt::format("cannot send to topic \"{}\": {}", topic, rd_kafka_err2str(code))};
}

void kafka_feeder::work_off(int wait_ms) {
  const kafka_ptr<rd_kafka_queue_t> main{rd_kafka_queue_get_main(client_->get())};
  while (const kafka_ptr<rd_kafka_event_t> event{rd_kafka_queue_poll(main.get(), wait_ms)}) {
    wait_ms = 0;
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR)
      continue;
    while (const auto* const m = rd_kafka_event_message_next(event.get()))
      if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        failure_ = fmt::format(
          "a record for topic \"{}\" was not delivered: {}", rd_kafka_topic_name(m->rkt), rd_kafka_err2str(m->err));
  }
}

void kafka_feeder::flush(duration patience) {
  const kafka_deadline deadline{patience};
  while (rd_kafka_outq_len(client_->get()) > 0 && !deadline.over())
    work_off(10);
  if (const auto left = rd_kafka_outq_len(client_->get()); left > 0)
    throw connector_error{fmt::format("{} records are not delivered within {}", left, format_duration(patience))};
  if (!failure_.empty())
    throw connector_error{std::exchange(failure_, {})};
}

std::vector<kafka_record> read_topic(const std::string& brokers, const std::string& topic, duration patience) {
  const kafka_deadline deadline{patience};
  const kafka_client client{
    client_role::consumer,
    properties_of(
      brokers, {{"group.id", "reader"},
                {"enable.partition.eof", "true"},
                {"enable.auto.commit", "false"},
                {"linger.ms", "5"},
                {"check.crcs", "true"}}),
    "reader"};
  const auto count = partition_count(client, topic, topic_use::read, {"reader", brokers}, deadline);
  rd_kafka_poll_set_consumer(client.get());
  const auto all = make_partition_list(static_cast<std::size_t>(count));
  for (std::int32_t p = 0; p < count; ++p)
    rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), p)->offset = 0;
  rd_kafka_assign(client.get(), all.get());
  std::vector<kafka_record> records;
  for (int ended = 0; ended < count;) {
    const kafka_ptr<rd_kafka_message_t> m{rd_kafka_consumer_poll(client.get(), deadline.left(1000))};
    if (m && m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      records.push_back(record_of(*m));
    else if (m && m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      ++ended;
    else if (deadline.over())
      throw connector_error{
        fmt::format("the end of topic \"{}\" is not reached within {}", topic, format_duration(patience))};
  }
  return records;
}

} // namespace leat
