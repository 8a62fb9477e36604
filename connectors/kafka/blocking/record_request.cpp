#include <leat/connectors/kafka/blocking/record_request.hpp>

#include <leat/connectors/kafka/blocking/admin_request.hpp>

#include <algorithm>

namespace leat {

namespace {

constexpr std::size_t usual_batch = 1'000'000; // bytes, librdkafka's own

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

rd_kafka_resp_err_t enqueue(const kafka_client& producer, const outgoing_record& record, std::uint64_t tag) {
  auto headers = make_headers(record.headers);
  const auto key = bytes_of(record.key), value = bytes_of(record.value);
  const auto code = rd_kafka_producev(
    producer.get(), RD_KAFKA_V_TOPIC(record.topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
    RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_HEADERS(headers.get()),
    RD_KAFKA_V_OPAQUE(to_opaque(tag)), RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    (void)headers.release(); // the record's now
  return code;
}

std::uint64_t tag_of(const rd_kafka_message_t& reported) noexcept {
  return reinterpret_cast<std::uint64_t>(reported._private);
}

std::string explain_refusal(rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    return "larger than the topic takes (max.message.bytes)";
  return rd_kafka_err2str(code) + advice_for(code);
}

client_property batch_property(std::size_t largest) {
  return {"batch.size", std::to_string(std::clamp<std::size_t>(largest, 1, usual_batch)), "the producer's own"};
}

} // namespace leat
