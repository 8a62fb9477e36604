#include <leat/connectors/kafka/blocking/position_list.hpp>

#include <cstring>

namespace leat {

namespace {

/// librdkafka frees it with the list.
void set_metadata(rd_kafka_topic_partition_t& of, const std::string& text) {
  if (text.empty())
    return;
  of.metadata = ::strdup(text.c_str());
  of.metadata_size = of.metadata ? text.size() : 0;
}

} // namespace

kafka_ptr<rd_kafka_topic_partition_list_t> make_position_list(std::span<const group_position> positions) {
  auto list = make_partition_list(positions.size());
  for (const auto& p : positions) {
    auto* const entry = rd_kafka_topic_partition_list_add(list.get(), p.of.topic.c_str(), p.of.number);
    entry->offset = p.next;
    set_metadata(*entry, p.metadata);
  }
  return list;
}

} // namespace leat
