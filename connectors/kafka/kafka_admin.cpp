#include <leat/connectors/kafka/kafka_admin.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/admin_request.hpp>
#include <leat/connectors/kafka/client.hpp>

#include <fmt/format.h>

#include <array>
#include <thread>
#include <utility>

namespace leat {

namespace {

constexpr auto patience = admin_patience;

/// What an answer says of its one topic: no text when it is good.
struct outcome {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  std::string text = "no answer within 10 s";
};

template <class Result, class TopicsOf>
outcome outcome_of(rd_kafka_event_t* event, const Result* (*result_of)(rd_kafka_event_t*), TopicsOf topics_of) {
  if (!event)
    return {};
  if (const auto code = rd_kafka_event_error(event); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return {code, rd_kafka_event_error_string(event)};
  std::size_t count = 0;
  const auto* const* topics = topics_of(result_of(event), &count);
  if (count != 1 || rd_kafka_topic_result_error(topics[0]) == RD_KAFKA_RESP_ERR_NO_ERROR)
    return {RD_KAFKA_RESP_ERR_NO_ERROR, {}};
  const char* const text = rd_kafka_topic_result_error_string(topics[0]);
  const auto code = rd_kafka_topic_result_error(topics[0]);
  return {code, text ? text : rd_kafka_err2str(code)};
}

std::unique_ptr<kafka_client> make_client(const std::string& brokers, const std::vector<client_property>& properties) {
  return std::make_unique<kafka_client>(client_role::consumer, properties, "kafka admin " + brokers);
}

} // namespace

kafka_admin::kafka_admin(const std::string& brokers, const std::map<std::string, std::string>& properties)
  : kafka_admin{brokers, make_client(brokers, plain_properties(brokers, properties))} {}

kafka_admin::kafka_admin(const settings& config)
  : kafka_admin{
      kafka_brokers(config), make_client(kafka_brokers(config), client_properties(config, client_role::consumer))} {}

kafka_admin::kafka_admin(std::string brokers, std::unique_ptr<kafka_client> client)
  : brokers_{std::move(brokers)}, client_{std::move(client)} {}

kafka_admin::~kafka_admin() = default;

void kafka_admin::fail(const std::string& what, const std::string& why) const {
  throw connector_error{fmt::format("cannot {} on {}: {}", what, brokers_, why)};
}

bool kafka_admin::create_topic(const topic_spec& wanted) {
  std::array<char, 512> text{};
  const kafka_ptr<rd_kafka_NewTopic_t> topic{
    rd_kafka_NewTopic_new(wanted.name.c_str(), wanted.partitions, wanted.replication, text.data(), text.size())};
  if (!topic)
    fail(fmt::format("create topic \"{}\"", wanted.name), text.data());
  for (const auto& [name, value] : wanted.configs)
    rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  auto* one = topic.get();
  const auto answer =
    ask_admin(*client_, [&](rd_kafka_queue_t* q) { rd_kafka_CreateTopics(client_->get(), &one, 1, nullptr, q); });
  const auto got = outcome_of(answer.get(), &rd_kafka_event_CreateTopics_result, &rd_kafka_CreateTopics_result_topics);
  if (got.code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    return false;
  if (!got.text.empty())
    fail(
      fmt::format("create topic \"{}\" with {} partitions", wanted.name, wanted.partitions),
      got.text + advice_for(got.code));
  wait_for_leaders(wanted.name, wanted.partitions);
  return true;
}

void kafka_admin::delete_topic(const std::string& name) {
  auto* topic = rd_kafka_DeleteTopic_new(name.c_str());
  const auto answer =
    ask_admin(*client_, [&](rd_kafka_queue_t* q) { rd_kafka_DeleteTopics(client_->get(), &topic, 1, nullptr, q); });
  rd_kafka_DeleteTopic_destroy(topic);
  const auto got = outcome_of(answer.get(), &rd_kafka_event_DeleteTopics_result, &rd_kafka_DeleteTopics_result_topics);
  if (!got.text.empty())
    fail(fmt::format("delete topic \"{}\"", name), got.text + advice_for(got.code));
  for (const kafka_deadline deadline{patience}; partitions(name);
       std::this_thread::sleep_for(std::chrono::milliseconds{50}))
    if (deadline.over())
      fail(fmt::format("delete topic \"{}\"", name), "it is still there after 10 s");
}

void kafka_admin::grow_topic(const std::string& name, int total) {
  std::array<char, 512> text{};
  auto* more = rd_kafka_NewPartitions_new(name.c_str(), static_cast<std::size_t>(total), text.data(), text.size());
  if (!more)
    fail(fmt::format("grow topic \"{}\" to {} partitions", name, total), text.data());
  const auto answer =
    ask_admin(*client_, [&](rd_kafka_queue_t* q) { rd_kafka_CreatePartitions(client_->get(), &more, 1, nullptr, q); });
  rd_kafka_NewPartitions_destroy(more);
  const auto got =
    outcome_of(answer.get(), &rd_kafka_event_CreatePartitions_result, &rd_kafka_CreatePartitions_result_topics);
  if (!got.text.empty())
    fail(fmt::format("grow topic \"{}\" to {} partitions", name, total), got.text + advice_for(got.code));
  wait_for_leaders(name, total);
}

std::optional<int> kafka_admin::partitions(const std::string& name) const {
  const auto found = look(name);
  return found ? std::optional{found->partitions} : std::nullopt;
}

std::optional<kafka_admin::topic_state> kafka_admin::look(const std::string& name) const {
  const kafka_ptr<rd_kafka_topic_t> handle{rd_kafka_topic_new(client_->get(), name.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  if (!handle)
    fail(fmt::format("look at topic \"{}\"", name), rd_kafka_err2str(rd_kafka_last_error()));
  const auto code = rd_kafka_metadata(client_->get(), 0, handle.get(), &raw, static_cast<int>(patience.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail(fmt::format("look at topic \"{}\"", name), rd_kafka_err2str(code));
  const kafka_ptr<const rd_kafka_metadata_t> found{raw};
  const auto& topic = found->topics[0];
  if (topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    return std::nullopt;
  if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR && topic.err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
    fail(fmt::format("look at topic \"{}\"", name), rd_kafka_err2str(topic.err));
  topic_state state{topic.partition_cnt, 0};
  for (int i = 0; i < topic.partition_cnt; ++i)
    state.led += topic.partitions[i].leader >= 0 ? 1 : 0;
  return state;
}

void kafka_admin::wait_for_leaders(const std::string& name, int wanted) const {
  for (const kafka_deadline deadline{patience}; look(name).value_or(topic_state{}).led < wanted;
       std::this_thread::sleep_for(std::chrono::milliseconds{20}))
    if (deadline.over())
      fail(fmt::format("create topic \"{}\"", name), "not all its partitions have a leader after 10 s");
}

std::vector<std::int64_t> kafka_admin::end_offsets(const std::string& name) const {
  std::vector<std::int64_t> ends;
  const int count = partitions(name).value_or(0);
  for (std::int32_t p = 0; p < count; ++p)
    ends.push_back(end_offset(name, p));
  return ends;
}

/// Asks again while the reason for having no answer is a passing one: after a restart a broker that answers may not lead
/// yet.
std::int64_t kafka_admin::end_offset(const std::string& name, std::int32_t partition) const {
  std::int64_t low = 0, high = 0;
  for (const kafka_deadline deadline{patience};; std::this_thread::sleep_for(std::chrono::milliseconds{50})) {
    const auto code =
      rd_kafka_query_watermark_offsets(client_->get(), name.c_str(), partition, &low, &high, deadline.left());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
      return high;
    if (!is_passing(code) || deadline.over())
      fail(fmt::format("ask for the end of {}/{}", name, partition), rd_kafka_err2str(code));
  }
}

std::vector<std::int64_t> kafka_admin::committed_offsets(const std::string& group, const std::string& name) const {
  auto* wanted = rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr);
  const auto answer = ask_admin(
    *client_, [&](rd_kafka_queue_t* q) { rd_kafka_ListConsumerGroupOffsets(client_->get(), &wanted, 1, nullptr, q); });
  rd_kafka_ListConsumerGroupOffsets_destroy(wanted);
  const auto what = fmt::format("ask what group \"{}\" has committed", group);
  if (!answer || rd_kafka_event_error(answer.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail(what, answer ? rd_kafka_event_error_string(answer.get()) : "no answer within 10 s");
  std::size_t count = 0;
  const auto* const* groups =
    rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(answer.get()), &count);
  if (count != 1 || rd_kafka_group_result_error(groups[0]))
    fail(what, count == 1 ? rd_kafka_error_string(rd_kafka_group_result_error(groups[0])) : "an empty answer");
  std::vector<std::int64_t> found;
  const auto* const all = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; i < all->cnt; ++i)
    if (all->elems[i].topic == name && all->elems[i].offset >= 0)
      found.push_back(all->elems[i].offset);
  return found;
}

void kafka_admin::delete_records(const std::string& name, std::int32_t partition, std::int64_t offset) {
  const auto before = make_partition_list(1);
  rd_kafka_topic_partition_list_add(before.get(), name.c_str(), partition)->offset = offset;
  auto* wanted = rd_kafka_DeleteRecords_new(before.get());
  const auto answer =
    ask_admin(*client_, [&](rd_kafka_queue_t* q) { rd_kafka_DeleteRecords(client_->get(), &wanted, 1, nullptr, q); });
  rd_kafka_DeleteRecords_destroy(wanted);
  if (!answer || rd_kafka_event_error(answer.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail(
      fmt::format("delete the records of {}/{} before {}", name, partition, offset),
      answer ? rd_kafka_event_error_string(answer.get()) : "no answer within 10 s");
}

} // namespace leat
