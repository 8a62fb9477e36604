#include <leat/connectors/kafka/blocking/topic_scan.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/admin_request.hpp>
#include <leat/connectors/kafka/client.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

std::vector<client_property> scan_properties(const settings& config, bool uncommitted) {
  constexpr const char* origin = "the scan's own";
  return client_properties(
    config, client_role::consumer,
    {{"group.id", "leat", origin}, // librdkafka wants one; nothing is committed
     {"enable.partition.eof", "true", origin},
     {"queued.max.messages.kbytes", "65536", origin}, // a fetcher whose queue is full rests, and nobody wakes it here
     {"isolation.level", uncommitted ? "read_uncommitted" : "read_committed", origin}});
}

std::vector<kafka_header> headers_of(const rd_kafka_message_t& m) {
  std::vector<kafka_header> all;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return all;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    auto& header = all.emplace_back(kafka_header{name, std::nullopt});
    if (value)
      header.value.emplace(static_cast<const char*>(value), size);
  }
  return all;
}

kafka_message message_of(const rd_kafka_message_t& m, partition from) {
  kafka_message made{std::move(from), m.offset, {}, {}, {}, headers_of(m)};
  rd_kafka_timestamp_type_t type;
  made.time = from_millis(rd_kafka_message_timestamp(&m, &type));
  if (m.key)
    made.key.emplace(static_cast<const char*>(m.key), m.key_len);
  if (m.payload)
    made.value.emplace(static_cast<const char*>(m.payload), m.len);
  return made;
}

[[noreturn]] void fail_reading(const rd_kafka_message_t& m) {
  const auto* const topic = m.rkt ? rd_kafka_topic_name(m.rkt) : "?";
  if (m.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || m.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
    throw connector_error{fmt::format(
      "offset {} of {}/{} is not there: its records are gone (retention), or never were. `leat topics describe {}` shows "
      "what "
      "there is",
      m.offset, topic, m.partition, topic)};
  throw connector_error{
    fmt::format("cannot read {}/{}: {}{}", topic, m.partition, rd_kafka_message_errstr(&m), advice_for(m.err))};
}

} // namespace

topic_scan::topic_scan(const settings& config, const std::vector<scan_range>& ranges, bool uncommitted)
  : client_{std::make_unique<kafka_client>(client_role::consumer, scan_properties(config, uncommitted), "kafka scan")} {
  rd_kafka_poll_set_consumer(client_->get());
  const auto list = make_partition_list(ranges.size());
  for (const auto& r : ranges) {
    const bool open = r.from < r.until;
    places_.emplace(r.of, place{r.from, r.until, open});
    if (!open)
      continue;
    ++open_;
    rd_kafka_topic_partition_list_add(list.get(), r.of.topic.c_str(), r.of.number)->offset = r.from;
  }
  rd_kafka_assign(client_->get(), list.get());
}

topic_scan::~topic_scan() = default;

bool topic_scan::pass(const partition& of, std::int64_t offset, bool at_end) {
  auto& at = places_.at(of);
  const bool wanted = at.open && !at_end && offset < at.until;
  at.next = std::max(at.next, std::min(at_end || !wanted ? offset : offset + 1, at.until));
  const bool finished = at.until != scan_range::on_and_on && (at_end || at.next >= at.until);
  if (at.open && finished) {
    at.open = false;
    --open_;
  }
  return wanted;
}

std::optional<kafka_message> topic_scan::next(duration patience) {
  const kafka_ptr<rd_kafka_message_t> m{
    rd_kafka_consumer_poll(client_->get(), static_cast<int>(std::max(patience, duration::zero()).count()))};
  if (!m || is_passing(m->err))
    return std::nullopt;
  const bool at_end = m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
  if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR && !at_end)
    fail_reading(*m);
  partition from{rd_kafka_topic_name(m->rkt), m->partition};
  if (!pass(from, m->offset, at_end))
    return std::nullopt;
  return message_of(*m, std::move(from));
}

std::vector<std::pair<partition, std::int64_t>> topic_scan::positions() const {
  std::vector<std::pair<partition, std::int64_t>> all;
  for (const auto& [of, at] : places_)
    all.emplace_back(of, at.next);
  return all;
}

} // namespace leat
