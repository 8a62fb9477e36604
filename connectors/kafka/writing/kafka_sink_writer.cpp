#include <leat/connectors/kafka/writing/kafka_sink_writer.hpp>

#include <algorithm>

namespace leat {

namespace {

void* bytes_of(std::string_view s) { return const_cast<char*>(s.data()); }

} // namespace

kafka_sink_writer::kafka_sink_writer(
  std::unique_ptr<record_producer> producer, const std::string& topic, record_lineup::parts with,
  dead_letter_options letters)
  : producer_{std::move(producer)}, letters_{*producer_, std::move(letters)}, lineup_{std::move(with)}, topic_{
                                                                                                          producer_->topic(
                                                                                                            topic)} {}

std::size_t kafka_sink_writer::write(const batch_base& in, std::size_t from) {
  producer_->poll();
  producer_->check();
  const auto left = in.size() - from;
  const auto count = std::min(left, producer_->room());
  if (letters_.full() || (count < left && !producer_->idle()))
    return 0; // waits for room for the whole batch, so that it is encoded once
  lineup_.line_up(in, from, count);
  for (const auto& letter : lineup_.refused())
    letters_.put(letter);
  send();
  return count;
}

void kafka_sink_writer::send() {
  const auto lined_up = lineup_.records();
  if (lined_up.empty())
    return;
  records_.clear();
  for (const auto& from : lined_up) {
    rd_kafka_message_t record{};
    record.payload = bytes_of(from.value);
    record.len = from.value.size();
    if (from.key) {
      record.key = bytes_of(*from.key);
      record.key_len = from.key->size();
    }
    records_.push_back(record);
  }
  producer_->send(topic_, records_);
  for (std::size_t i = 0; i < records_.size(); ++i)
    if (records_[i].err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
      letters_.put(lineup_.refuse(lined_up[i], lineup_.too_large(records_[i].len + records_[i].key_len)));
}

std::uint64_t kafka_sink_writer::delivered() {
  producer_->poll();
  producer_->check();
  return producer_->segments().delivered();
}

} // namespace leat
