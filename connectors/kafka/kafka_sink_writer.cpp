#include <leat/connectors/kafka/kafka_sink_writer.hpp>

#include <leat/base/user_code.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

constexpr std::size_t record_overhead = 128; // bytes a record batch of one needs beyond key and value, rounded up

void* bytes_of(std::string_view s) { return const_cast<char*>(s.data()); }

} // namespace

kafka_sink_writer::kafka_sink_writer(std::unique_ptr<record_producer> producer, parts with)
  : producer_{std::move(producer)}, letters_{*producer_, with.letters}, with_{std::move(with)},
    refusals_{"sink", producer_->user().step, with_.notes}, topic_{producer_->topic(with_.topic)} {}

std::size_t kafka_sink_writer::write(const batch_base& in, std::size_t from) {
  producer_->poll();
  producer_->check();
  const auto left = in.size() - from;
  const auto count = std::min(left, producer_->room());
  if (letters_.full() || (count < left && !producer_->idle()))
    return 0; // waits for room for the whole batch, so that it is encoded once
  encode(in, from, count);
  line_up();
  send();
  return count;
}

void kafka_sink_writer::encode(const batch_base& in, std::size_t from, std::size_t count) {
  values_.clear();
  keys_.clear();
  rejected_.clear();
  const auto* const first = static_cast<const char*>(in.data()) + from * in.stride();
  with_.encoding->encode(first, in.stride(), count, values_, rejected_);
  if (with_.key)
    run_user_code(producer_->user().step, "key", [&] { with_.key->keys(in, from, keys_); });
}

/// Turns what was encoded into Kafka's records, but for what can be told already to be unwritable.
void kafka_sink_writer::line_up() {
  records_.clear();
  sources_.clear();
  std::int64_t bytes = 0;
  auto next = rejected_.begin();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (next != rejected_.end() && next->index == i) {
      put_aside(i, std::move(next->reason));
      ++next;
      continue;
    }
    rd_kafka_message_t record{};
    record.payload = bytes_of(values_[i]);
    record.len = values_[i].size();
    if (with_.key) {
      record.key = bytes_of(keys_[i]);
      record.key_len = keys_[i].size();
    }
    if (too_large(record)) {
      put_aside(i, too_large_reason(record.len + record.key_len));
      continue;
    }
    bytes += static_cast<std::int64_t>(record.len + record.key_len);
    records_.push_back(record);
    sources_.push_back(i);
  }
  with_.bytes_out->add(bytes);
}

void kafka_sink_writer::send() {
  if (records_.empty())
    return;
  producer_->send(topic_, records_);
  for (std::size_t i = 0; i < records_.size(); ++i)
    if (records_[i].err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
      put_aside(sources_[i], too_large_reason(records_[i].len + records_[i].key_len));
}

bool kafka_sink_writer::too_large(const rd_kafka_message_t& record) const {
  return with_.limit && record.len + record.key_len + record_overhead > *with_.limit;
}

std::string kafka_sink_writer::too_large_reason(std::size_t bytes) const {
  if (with_.limit)
    return fmt::format(
      "a record of {} bytes is too large for topic \"{}\", which takes {} (max.message.bytes)", bytes, with_.topic,
      *with_.limit);
  return fmt::format("a record of {} bytes is too large for the producer (message.max.bytes)", bytes);
}

void kafka_sink_writer::put_aside(std::size_t index, std::string reason) {
  refusals_.add(reason, with_.letters.writes, refusal_log::clock::now());
  dead_letter letter;
  letter.reason = std::move(reason);
  letter.step = producer_->user().step;
  letter.topic = with_.topic;
  letter.time = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  if (with_.key)
    letter.key.emplace(keys_[index]);
  if (!values_[index].empty())
    letter.payload.emplace(values_[index]);
  letters_.put(letter);
}

std::uint64_t kafka_sink_writer::delivered() {
  producer_->poll();
  producer_->check();
  return producer_->segments().delivered();
}

} // namespace leat
