#include <leat/connectors/kafka/record_producer.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <charconv>

namespace leat {

namespace {

constexpr std::size_t room_for_letters = 128 * 1024; // KB

std::size_t whole_property(const std::vector<client_property>& properties, std::string_view name) {
  const client_property* last = nullptr;
  for (const auto& p : properties)
    if (p.name == name)
      last = &p;
  std::size_t value = 0;
  const auto* const end = last->value.data() + last->value.size();
  const auto [stop, failure] = std::from_chars(last->value.data(), end, value);
  if (failure != std::errc{} || stop != end || value == 0 || value > 5'000'000)
    throw config_error{fmt::format("{} is \"{}\": expected a number from 1 to 5000000", last->origin, last->value)};
  return value;
}

void* to_opaque(std::uint64_t segment) { return reinterpret_cast<void*>(segment); }
std::uint64_t to_segment(const void* opaque) { return reinterpret_cast<std::uint64_t>(opaque); }

std::string explain(rd_kafka_resp_err_t code, const std::string& topic, const cluster_user& user) {
  switch (code) {
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    return fmt::format(
      "no permission to write to topic \"{}\" on {}: grant the user of kafka.properties WRITE on it", topic, user.brokers);
  case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
  case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
  case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    return fmt::format(
      "topic \"{0}\" does not exist on {1}: was it deleted? Create it: leat topics create {0} --partitions 4 --brokers {1}",
      topic, user.brokers);
  default:
    return fmt::format("cannot write to topic \"{}\" on {}: {}", topic, user.brokers, rd_kafka_err2str(code));
  }
}

} // namespace

record_producer::record_producer(
  std::vector<client_property> properties, const std::string& who, cluster_user user, waker wake)
  : user_{std::move(user)}, wake_{std::move(wake)}, bounds_{take_bounds(properties)},
    client_{client_role::producer, properties, who}, main_{rd_kafka_queue_get_main(client_.get())} {
  call_when_filled(main_.get(), wake_);
}

/// Reads the bounds the user or the defaults have set, and raises them for librdkafka.
record_producer::bounds record_producer::take_bounds(std::vector<client_property>& properties) {
  const auto messages = whole_property(properties, "queue.buffering.max.messages");
  const auto kilobytes = whole_property(properties, "queue.buffering.max.kbytes");
  const std::string origin = "Leat's own room for dead letters";
  properties.push_back({"queue.buffering.max.messages", std::to_string(messages * 2), origin});
  properties.push_back({"queue.buffering.max.kbytes", std::to_string(kilobytes + room_for_letters), origin});
  return {messages, kilobytes * 1024};
}

record_producer::~record_producer() { call_nobody(main_.get()); }

rd_kafka_topic_t* record_producer::topic(const std::string& name) {
  auto& handle = topics_[name];
  if (!handle)
    handle.reset(rd_kafka_topic_new(client_.get(), name.c_str(), nullptr));
  if (!handle)
    throw connector_error{
      step_text(user_, fmt::format("\"{}\" cannot be a topic: {}", name, rd_kafka_err2str(rd_kafka_last_error())))};
  return handle.get();
}

std::size_t record_producer::room() const noexcept {
  return bytes_ >= bounds_.bytes || messages_ >= bounds_.messages ? 0 : bounds_.messages - messages_;
}

void record_producer::send(rd_kafka_topic_t* to, std::span<rd_kafka_message_t> records) {
  check();
  for (auto& r : records)
    r._private = to_opaque(segments_.current());
  rd_kafka_produce_batch(to, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, records.data(), static_cast<int>(records.size()));
  for (const auto& r : records) {
    if (r.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      segments_.sent();
      ++messages_;
      bytes_ += r.len + r.key_len;
    } else if (r.err != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      fail(explain_refusal(r.err, rd_kafka_topic_name(to)));
    }
  }
  check();
}

rd_kafka_resp_err_t record_producer::send_letter(
  rd_kafka_topic_t* to, const rd_kafka_message_t& record, rd_kafka_headers_t* headers, std::uint64_t segment) {
  const auto code = rd_kafka_producev(
    client_.get(), RD_KAFKA_V_RKT(to), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(record.key, record.key_len),
    RD_KAFKA_V_VALUE(record.payload, record.len), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(to_opaque(segment)),
    RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++messages_;
    bytes_ += record.len + record.key_len;
  }
  return code;
}

void record_producer::poll() {
  while (const kafka_ptr<rd_kafka_event_t> event{rd_kafka_queue_poll(main_.get(), 0)}) {
    switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_DR:
      on_delivery(event.get());
      break;
    case RD_KAFKA_EVENT_ERROR:
      on_error(event.get());
      break;
    default:
      listener_->on_admin_event(event.get());
      break;
    }
  }
}

void record_producer::on_delivery(rd_kafka_event_t* event) {
  std::array<const rd_kafka_message_t*, 512> some{};
  while (const auto count = rd_kafka_event_message_array(event, some.data(), some.size())) {
    messages_ -= count;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& record = *some[i];
      const auto segment = to_segment(record._private);
      bytes_ -= record.len + record.key_len;
      if (record.err != RD_KAFKA_RESP_ERR_NO_ERROR)
        on_failed_delivery(record, segment);
      else if (!is_proven(record))
        send_again(record, segment);
      else
        segments_.arrived(segment);
    }
  }
}

/// Behind those that overtook it: at least once, but not in order. Its copy takes its place in its segment.
void record_producer::send_again(const rd_kafka_message_t& record, std::uint64_t segment) {
  const std::string topic = rd_kafka_topic_name(record.rkt);
  kafka_ptr<rd_kafka_headers_t> headers;
  if (rd_kafka_headers_t* own = nullptr; rd_kafka_message_headers(&record, &own) == RD_KAFKA_RESP_ERR_NO_ERROR)
    headers.reset(rd_kafka_headers_copy(own));
  const auto code = rd_kafka_producev(
    client_.get(), RD_KAFKA_V_RKT(record.rkt), RD_KAFKA_V_PARTITION(record.partition),
    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(record.key, record.key_len),
    RD_KAFKA_V_VALUE(record.payload, record.len), RD_KAFKA_V_HEADERS(headers.get()),
    RD_KAFKA_V_TIMESTAMP(rd_kafka_message_timestamp(&record, nullptr)), RD_KAFKA_V_OPAQUE(to_opaque(segment)),
    RD_KAFKA_V_END);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return fail(explain_refusal(code, topic));
  (void)headers.release(); // librdkafka's now
  ++messages_;
  bytes_ += record.len + record.key_len;
  spdlog::warn(
    "step '{}': topic \"{}\" may lack a record that later ones have overtaken: it is sent again", user_.step, topic);
}

/// What failed for good keeps its segment open for ever, so that no offset behind it is committed.
void record_producer::on_failed_delivery(const rd_kafka_message_t& record, std::uint64_t segment) {
  if (record.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || record.err == RD_KAFKA_RESP_ERR_INVALID_RECORD) {
    listener_->on_refused(record, segment);
  } else {
    const std::string topic = rd_kafka_topic_name(record.rkt);
    fail(explain_refusal(record.err, topic) + listener_->advice(topic));
  }
}

void record_producer::on_error(rd_kafka_event_t* event) {
  client_.note_error(event);
  if (rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR && !topics_.empty())
    fail(explain_refusal(RD_KAFKA_RESP_ERR__FATAL, topics_.begin()->first));
}

/// A broker gives an idempotent producer its id only if the user may write to one topic at least. Without any, this is told
/// as soon as it is known which topic is meant: before the first record of a sink, with the first dead letter.
std::string record_producer::explain_refusal(rd_kafka_resp_err_t code, const std::string& topic) const {
  if (code != RD_KAFKA_RESP_ERR__FATAL)
    return explain(code, topic, user_);
  std::array<char, 512> text{};
  if (rd_kafka_fatal_error(client_.get(), text.data(), text.size()) == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
    return explain(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, topic, user_);
  return fmt::format("the producer for {} cannot go on: {}", user_.brokers, text.data());
}

void record_producer::check() const {
  if (failure_)
    throw connector_error{step_text(user_, *failure_)};
}

void record_producer::fail(std::string text) {
  if (!failure_)
    failure_ = std::move(text);
}

} // namespace leat
