#include <leat/connectors/kafka/dead_letter_outbox.hpp>

#include <leat/connectors/kafka/handles.hpp>
#include <leat/connectors/kafka/wire/dead_letter_headers.hpp>
#include <leat/connectors/kafka/writing/letters.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace leat {

namespace {

constexpr std::size_t smallest_cut = 512;    // bytes of key and value: refused below, cutting does not help
constexpr std::size_t record_overhead = 128; // bytes a record needs beyond key, value and headers, rounded up
constexpr std::size_t header_overhead = 16;  // bytes a header needs beyond name and value, rounded up

namespace names = dead_letter_headers;

using headers_ptr = kafka_ptr<rd_kafka_headers_t>;

void add(rd_kafka_headers_t* to, const char* name, std::string_view value) {
  rd_kafka_header_add(to, name, -1, value.data(), static_cast<ssize_t>(value.size()));
}

headers_ptr headers_of(const dead_letter& letter, std::size_t longest_reason) {
  headers_ptr headers{rd_kafka_headers_new(8)};
  for (const auto& [name, value] : letter_headers(letter, longest_reason))
    add(headers.get(), name, value);
  return headers;
}

std::size_t footprint_of(const dead_letter& letter) {
  return sizeof letter + letter.reason.size() + (letter.payload ? letter.payload->size() : 0);
}

bool has(const rd_kafka_headers_t* headers, const char* name) {
  const void* value = nullptr;
  std::size_t size = 0;
  return rd_kafka_header_get_last(headers, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::size_t size_of(const rd_kafka_headers_t* headers) {
  std::size_t sum = 0;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    sum += std::strlen(name) + size + header_overhead;
  return sum;
}

/// Shortens key and value to `bytes` together, the key to half of that at most; the headers get the full lengths.
void cut(rd_kafka_message_t& record, rd_kafka_headers_t* headers, std::size_t bytes) {
  if (!has(headers, names::truncated))
    add(headers, names::truncated, std::to_string(record.len));
  const auto key = std::min(record.key_len, bytes / 2);
  if (key < record.key_len && !has(headers, names::truncated_key))
    add(headers, names::truncated_key, std::to_string(record.key_len));
  record.key_len = key;
  record.len = std::min(record.len, bytes - key);
}

/// An empty text is not null to librdkafka; none is.
rd_kafka_message_t record_of(const dead_letter& letter) {
  rd_kafka_message_t record{};
  if (letter.key) {
    record.key = const_cast<char*>(letter.key->data());
    record.key_len = letter.key->size();
  }
  if (letter.payload) {
    record.payload = const_cast<char*>(letter.payload->data());
    record.len = letter.payload->size();
  }
  return record;
}

} // namespace

std::string dead_letter_topic(const std::string& of) { return of + names::topic_suffix; }

dead_letter_outbox::dead_letter_outbox(record_producer& through, dead_letter_options options)
  : through_{through}, options_{std::move(options)}, largest_record_{
                                                       std::stoull(through.client().property("message.max.bytes"))} {
  through_.listen(this);
}

void dead_letter_outbox::put(const dead_letter& letter, std::uint64_t segment) {
  ++count_;
  if (!options_.writes)
    return through_.segments().arrived(segment);
  const auto topic = dead_letter_topic(letter.topic.empty() ? options_.fallback : letter.topic);
  const auto [found, is_new] = targets_.try_emplace(topic);
  if (is_new && options_.creates_topics)
    create(topic);
  else if (is_new)
    found->second.ready = true;
  if (found->second.ready)
    return send(topic, letter, segment);
  found->second.waiting.emplace_back(letter, segment);
  ++waiting_;
  waiting_bytes_ += footprint_of(letter);
}

void dead_letter_outbox::create(const std::string& topic) {
  request_letter_topic(through_.client().get(), topic, through_.main_queue());
}

/// Whatever the answer, the letters are sent unless asking again may help: when the user may not create topics, the topic
/// may be there all the same, and if not, the delivery fails with a reason.
void dead_letter_outbox::on_admin_event(const rd_kafka_event_t* event) {
  const auto whole = rd_kafka_event_error(const_cast<rd_kafka_event_t*>(event));
  const auto* const result = rd_kafka_event_CreateTopics_result(const_cast<rd_kafka_event_t*>(event));
  if (!result)
    return;
  std::size_t count = 0;
  const auto* const* topics = rd_kafka_CreateTopics_result_topics(result, &count);
  if (whole != RD_KAFKA_RESP_ERR_NO_ERROR || count == 0) {
    for (auto& [topic, to] : targets_)
      if (!to.ready && is_passing(whole))
        create(topic);
      else if (!to.ready)
        send_waiting(topic, to, whole);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::string topic = rd_kafka_topic_result_name(topics[i]);
    const auto code = rd_kafka_topic_result_error(topics[i]);
    if (is_passing(code))
      create(topic);
    else
      send_waiting(topic, targets_[topic], code);
  }
}

void dead_letter_outbox::send_waiting(const std::string& topic, target& to, rd_kafka_resp_err_t creation) {
  to.ready = true;
  if (creation != RD_KAFKA_RESP_ERR_NO_ERROR && creation != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    to.refusal = rd_kafka_err2str(creation);
  for (const auto& [letter, segment] : to.waiting) {
    waiting_bytes_ -= footprint_of(letter);
    send(topic, letter, segment);
  }
  waiting_ -= to.waiting.size();
  to.waiting.clear();
}

void dead_letter_outbox::send(const std::string& topic, const dead_letter& letter, std::uint64_t segment) {
  auto headers = headers_of(letter, std::min(largest_reason, largest_record_ / 4));
  auto record = record_of(letter);
  record.rkt = through_.topic(topic);
  auto code = through_.send_letter(record.rkt, record, headers.get(), segment);
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    cut(record, headers.get(), room_beside(headers.get()));
    code = through_.send_letter(record.rkt, record, headers.get(), segment);
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    (void)headers.release(); // librdkafka's now
  else
    fail(topic, code);
}

/// Bytes of key and value that the producer takes beside these headers and those that tell of the cut.
std::size_t dead_letter_outbox::room_beside(const rd_kafka_headers_t* headers) const {
  const auto taken = size_of(headers) + record_overhead;
  return std::min(cut_bytes, largest_record_ - std::min(taken, largest_record_));
}

void dead_letter_outbox::fail(const std::string& topic, rd_kafka_resp_err_t code) {
  through_.fail(
    fmt::format("cannot write a dead letter to \"{}\": {}", topic, through_.explain_refusal(code, topic) + advice(topic)));
}

std::string dead_letter_outbox::advice(const std::string& topic) const {
  const auto found = targets_.find(topic);
  if (found == targets_.end() || found->second.refusal.empty())
    return {};
  return fmt::format(
    ". Dead letters go there, and the topic could not be created ({}): create it and grant WRITE on it, or grant CREATE "
    "and "
    "WRITE",
    found->second.refusal);
}

/// A record of the sink's becomes a dead letter; a dead letter that is refused itself is cut and sent again.
void dead_letter_outbox::on_refused(const rd_kafka_message_t& record, std::uint64_t segment) {
  const std::string topic = rd_kafka_topic_name(record.rkt);
  if (targets_.contains(topic))
    return send_cut(record, segment);
  dead_letter letter;
  letter.reason = fmt::format(
    "the broker refuses a record of {} bytes for topic \"{}\": {}", record.len + record.key_len, topic,
    rd_kafka_err2str(record.err));
  letter.step = through_.user().step;
  letter.topic = topic;
  letter.partition = record.partition;
  letter.time = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  if (record.key)
    letter.key.emplace(static_cast<const char*>(record.key), record.key_len);
  if (record.payload)
    letter.payload.emplace(static_cast<const char*>(record.payload), record.len);
  put(letter, segment);
}

void dead_letter_outbox::send_cut(const rd_kafka_message_t& record, std::uint64_t segment) {
  rd_kafka_headers_t* old = nullptr;
  rd_kafka_message_headers(&record, &old);
  const auto bytes = record.len + record.key_len;
  if (bytes <= smallest_cut || !old)
    return through_.fail(fmt::format(
      "the broker refuses a dead letter of {} bytes for \"{}\": {}", bytes, rd_kafka_topic_name(record.rkt),
      rd_kafka_err2str(record.err)));
  headers_ptr headers{rd_kafka_headers_copy(old)};
  auto shorter = record;
  cut(shorter, headers.get(), std::min(room_beside(old), bytes / 2));
  const auto code = through_.send_letter(record.rkt, shorter, headers.get(), segment);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    (void)headers.release(); // librdkafka's now
  else
    fail(rd_kafka_topic_name(record.rkt), code);
}

} // namespace leat
