#include <leat/connectors/kafka/start_offsets.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/client.hpp>
#include <leat/connectors/kafka/cluster_check.hpp>
#include <leat/connectors/kafka/handles.hpp>
#include <leat/connectors/kafka/offset_committer.hpp>

#include <fmt/format.h>

#include <thread>

namespace leat {

namespace {

using list_ptr = kafka_ptr<rd_kafka_topic_partition_list_t>;

list_ptr list_of(const std::vector<partition>& partitions) {
  auto list = make_partition_list(partitions.size());
  for (const auto& p : partitions)
    rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.number)->offset = RD_KAFKA_OFFSET_INVALID;
  return list;
}

rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t& list) {
  for (int i = 0; i < list.cnt; ++i)
    if (list.elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return list.elems[i].err;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/// The brokers have named the partitions before, so who does not know one has not heard of a new topic yet.
bool is_news(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
         code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

/// Asks for something about each partition, again while the reason for having no answer is a passing one.
/// @param ask fills in a list of the partitions within some milliseconds.
/// @returns the list, filled in; none when there is no answer in time, `failed` is why.
template <class Ask>
list_ptr ask_for_all(
  const std::vector<partition>& partitions, const kafka_deadline& deadline, rd_kafka_resp_err_t& failed, Ask ask) {
  failed = RD_KAFKA_RESP_ERR__TIMED_OUT;
  while (!deadline.over()) {
    auto list = list_of(partitions);
    failed = ask(list.get(), deadline.left());
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR)
      failed = first_error(*list);
    if (failed == RD_KAFKA_RESP_ERR_NO_ERROR)
      return list;
    if (!is_passing(failed) && !is_news(failed))
      break;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return nullptr;
}

/// Asks for the first offset whose record is not older than `time` in each partition. The protocol's two special times
/// are -2 for the first offset and -1 for the end; the answer is -1 where no record is that young.
list_ptr offsets_at(
  const kafka_client& client, const std::vector<partition>& partitions, std::int64_t time, const cluster_user& user,
  const kafka_deadline& deadline) {
  rd_kafka_resp_err_t failed;
  auto list = ask_for_all(partitions, deadline, failed, [&](rd_kafka_topic_partition_list_t* all, int patience) {
    for (int i = 0; i < all->cnt; ++i)
      all->elems[i].offset = time;
    return rd_kafka_offsets_for_times(client.get(), all, patience);
  });
  if (!list)
    throw connector_error{step_text(
      user, fmt::format(
              "the brokers {} do not tell the offsets of topic \"{}\": {}", user.brokers, partitions.front().topic,
              rd_kafka_err2str(failed)))};
  return list;
}

list_ptr committed(
  const kafka_client& client, const std::vector<partition>& partitions, const std::string& group, const cluster_user& user,
  const kafka_deadline& deadline) {
  rd_kafka_resp_err_t failed;
  auto list = ask_for_all(partitions, deadline, failed, [&](rd_kafka_topic_partition_list_t* all, int patience) {
    return rd_kafka_committed(client.get(), all, patience);
  });
  if (!list)
    throw connector_error{step_text(
      user, fmt::format(
              "the brokers {} do not tell what group \"{}\" has committed: {}", user.brokers, group,
              explain_commit_error(failed)))};
  return list;
}

void check_range(const partition_start& s, const std::string& group, const cluster_user& user) {
  if (s.start >= s.begin && s.start <= s.end)
    return;
  throw connector_error{step_text(
    user, fmt::format(
            "group \"{}\" has committed offset {} of {}, but the partition holds {} to {}: its records are gone "
            "(retention), or the topic was created anew. Say where to go on, knowing what is missing: "
            "kafka.start earliest, latest or a time",
            group, s.start, to_string(s.which), s.begin, s.end))};
}

void start_from_committed(
  std::vector<partition_start>& starts, const rd_kafka_topic_partition_list_t& found, const std::string& group,
  const cluster_user& user) {
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto& entry = found.elems[i];
    if (entry.offset < 0)
      continue;
    starts[i].start = entry.offset;
    check_range(starts[i], group, user);
    if (entry.metadata_size > 0)
      starts[i].settled =
        parse_commit_metadata({static_cast<const char*>(entry.metadata), entry.metadata_size}).value_or(min_timestamp);
  }
}

} // namespace

kafka_start configured_start(const settings& config) {
  const auto& said = config.at("kafka.start");
  if (said.value == "earliest")
    return kafka_start::earliest();
  if (said.value == "latest")
    return kafka_start::latest();
  if (said.value == "committed")
    return kafka_start::committed();
  timestamp time;
  if (!parse_timestamp(said.value, time))
    throw config_error{fmt::format(
      "{}: kafka.start is \"{}\": expected earliest, latest, committed, or a time such as 2024-05-01T12:00:00Z",
      said.origin, said.value)};
  return kafka_start::at(time);
}

std::vector<partition_start> resolve_start(
  const kafka_client& client, const std::vector<partition>& partitions, const kafka_start& from, const cluster_user& user,
  const kafka_deadline& deadline) {
  const auto begins = offsets_at(client, partitions, RD_KAFKA_OFFSET_BEGINNING, user, deadline);
  const auto ends = offsets_at(client, partitions, RD_KAFKA_OFFSET_END, user, deadline);
  std::vector<partition_start> starts;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto begin = begins->elems[i].offset, end = ends->elems[i].offset;
    starts.push_back({partitions[i], from.from == kafka_start::place::latest ? end : begin, begin, end, min_timestamp});
  }
  if (from.from == kafka_start::place::committed) {
    const auto group = client.property("group.id");
    start_from_committed(starts, *committed(client, partitions, group, user, deadline), group, user);
  } else if (from.from == kafka_start::place::time) {
    const auto found = offsets_at(client, partitions, to_millis(from.time), user, deadline);
    for (std::size_t i = 0; i < starts.size(); ++i)
      starts[i].start = found->elems[i].offset < 0 ? starts[i].end : found->elems[i].offset;
  }
  return starts;
}

} // namespace leat
