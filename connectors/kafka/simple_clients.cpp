#include <leat/connectors/kafka/simple_clients.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/client.hpp>
#include <leat/connectors/kafka/cluster_check.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace leat {

namespace {

/// In order, and whole: without idempotence, a request that is tried again comes behind the next one; with several requests under
/// way, one that a new leader refuses counts as delivered when the next one is (see `is_proven`).
std::vector<client_property> feeder_properties(const std::string& brokers, std::map<std::string, std::string> given) {
  given.try_emplace("enable.idempotence", "true");
  given.try_emplace("max.in.flight.requests.per.connection", "1");
  given.try_emplace("linger.ms", "5");
  return plain_properties(brokers, given);
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

kafka_topic_reader::kafka_topic_reader(std::vector<client_property> properties, std::string topic, duration patience)
  : topic_{std::move(topic)} {
  properties.push_back({"group.id", "reader", "the reader's own"}); // librdkafka wants one; nothing is committed
  properties.push_back({"enable.auto.commit", "false", "the reader's own"});
  properties.push_back({"enable.partition.eof", "true", "the reader's own"});
  client_ = std::make_unique<kafka_client>(client_role::consumer, properties, "reader of " + topic_);
  const auto count = partition_count(
    *client_, topic_, topic_use::read, {"reader", client_->property("bootstrap.servers")}, kafka_deadline{patience});
  partitions_.resize(static_cast<std::size_t>(count));
  rd_kafka_poll_set_consumer(client_->get());
  const auto all = make_partition_list(partitions_.size());
  for (std::int32_t p = 0; p < count; ++p)
    rd_kafka_topic_partition_list_add(all.get(), topic_.c_str(), p)->offset = 0;
  rd_kafka_assign(client_->get(), all.get());
}

kafka_topic_reader::~kafka_topic_reader() = default;

std::optional<kafka_record> kafka_topic_reader::next(duration patience) {
  const kafka_ptr<rd_kafka_message_t> m{
    rd_kafka_consumer_poll(client_->get(), static_cast<int>(std::max(patience, duration::zero()).count()))};
  if (!m || is_passing(m->err))
    return std::nullopt;
  if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR && m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
    throw connector_error{fmt::format("cannot read topic \"{}\": {}", topic_, rd_kafka_message_errstr(m.get()))};
  auto& from = partitions_.at(static_cast<std::size_t>(m->partition));
  if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    from = {std::max(from.next, m->offset), true}; // past the marks of transactions too
    return std::nullopt;
  }
  from.next = m->offset + 1;
  return record_of(*m);
}

bool kafka_topic_reader::has_read(const std::vector<std::int64_t>& ends) const {
  for (std::size_t p = 0; p < ends.size(); ++p)
    if (p >= partitions_.size() ? ends[p] > 0 : partitions_[p].next < ends[p])
      return false;
  return true;
}

bool kafka_topic_reader::has_met_all_ends() const {
  return std::ranges::all_of(partitions_, [](const state& p) { return p.met_end; });
}

std::vector<kafka_record> read_topic(const std::string& brokers, const std::string& topic, duration patience) {
  const kafka_deadline deadline{patience};
  kafka_topic_reader reader{plain_properties(brokers, {{"check.crcs", "true"}}), topic, patience};
  std::vector<kafka_record> records;
  while (!reader.has_met_all_ends()) {
    if (auto record = reader.next(duration{deadline.left(1000)}))
      records.push_back(std::move(*record));
    else if (deadline.over())
      throw connector_error{
        fmt::format("the end of topic \"{}\" is not reached within {}", topic, format_duration(patience))};
  }
  return records;
}

} // namespace leat
