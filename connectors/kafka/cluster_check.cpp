#include <leat/connectors/kafka/cluster_check.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <thread>

namespace leat {

namespace {

constexpr int slice = 500; // ms between two looks at whether waiting still makes sense

[[noreturn]] void throw_silent(const kafka_client& client, const cluster_user& user, const kafka_deadline& deadline) {
  const auto why = client.log().last_problem();
  if (deadline.stopped())
    throw connector_error{step_text(
      user, fmt::format("stopped before a broker of {} has answered{}", user.brokers, why.empty() ? "" : ": " + why))};
  if (client.log().hopeless())
    throw connector_error{step_text(
      user, fmt::format(
              "the brokers {} refuse the credentials: {}. Check security.protocol, sasl.* and ssl.* under "
              "kafka.properties",
              user.brokers, why))};
  throw connector_error{step_text(
    user, fmt::format(
            "no broker of {} answers within {} s{}. Is Kafka running there, and is kafka.brokers right?", user.brokers,
            kafka_open_timeout.count() / 1000, why.empty() ? "" : ": " + why))};
}

[[noreturn]] void
throw_topic_error(rd_kafka_resp_err_t code, const std::string& topic, topic_use use, const cluster_user& user) {
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    throw connector_error{step_text(
      user, fmt::format(
              "topic \"{0}\" does not exist on {1}. Create it: leat topics create {0} --partitions 4 --brokers {1}", topic,
              user.brokers))};
  if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    throw connector_error{step_text(
      user, fmt::format(
              "no permission for topic \"{}\" on {}: grant the user of kafka.properties {} and DESCRIBE on it", topic,
              user.brokers, use == topic_use::read ? "READ" : "WRITE"))};
  throw connector_error{
    step_text(user, fmt::format("topic \"{}\" on {}: {}", topic, user.brokers, rd_kafka_err2str(code)))};
}

constexpr int limit_patience = 2000; // ms: nothing depends on the answer but where a record that is too large is found out

kafka_ptr<rd_kafka_event_t> describe(const kafka_client& client, const std::string& topic, const kafka_deadline& deadline) {
  const kafka_ptr<rd_kafka_queue_t> answers{rd_kafka_queue_new(client.get())};
  auto* const asked = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  rd_kafka_ConfigResource_t* one[] = {asked};
  rd_kafka_DescribeConfigs(client.get(), one, 1, nullptr, answers.get());
  rd_kafka_ConfigResource_destroy(asked);
  return kafka_ptr<rd_kafka_event_t>{rd_kafka_queue_poll(answers.get(), deadline.left(limit_patience))};
}

} // namespace

std::string step_text(const cluster_user& user, const std::string& what) {
  return user.step.empty() ? what : fmt::format("step \"{}\": {}", user.step, what);
}

std::int32_t partition_count(
  const kafka_client& client, const std::string& topic, topic_use use, const cluster_user& user,
  const kafka_deadline& deadline) {
  const kafka_ptr<rd_kafka_topic_t> handle{rd_kafka_topic_new(client.get(), topic.c_str(), nullptr)};
  if (!handle)
    throw connector_error{
      step_text(user, fmt::format("\"{}\" cannot be a topic: {}", topic, rd_kafka_err2str(rd_kafka_last_error())))};
  auto last = RD_KAFKA_RESP_ERR__TIMED_OUT;
  while (!deadline.over() && !client.log().hopeless()) {
    const rd_kafka_metadata_t* raw = nullptr;
    if (rd_kafka_metadata(client.get(), 0, handle.get(), &raw, deadline.left(slice)) != RD_KAFKA_RESP_ERR_NO_ERROR)
      continue;
    const kafka_ptr<const rd_kafka_metadata_t> found{raw};
    if (found->topic_cnt != 1)
      continue;
    last = found->topics[0].err;
    if (last == RD_KAFKA_RESP_ERR_NO_ERROR && found->topics[0].partition_cnt > 0)
      return found->topics[0].partition_cnt;
    if (last != RD_KAFKA_RESP_ERR_NO_ERROR && last != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
      break;
    std::this_thread::sleep_for(std::chrono::milliseconds{100}); // just created: its leader is being chosen
  }
  if (last == RD_KAFKA_RESP_ERR__TIMED_OUT)
    throw_silent(client, user, deadline);
  throw_topic_error(last, topic, use, user);
}

void check_reachable(const kafka_client& client, const cluster_user& user, const kafka_deadline& deadline) {
  while (!deadline.over() && !client.log().hopeless()) {
    const rd_kafka_metadata_t* raw = nullptr;
    if (rd_kafka_metadata(client.get(), 0, nullptr, &raw, deadline.left(slice)) == RD_KAFKA_RESP_ERR_NO_ERROR)
      return rd_kafka_metadata_destroy(raw);
  }
  throw_silent(client, user, deadline);
}

bool has_controller(const kafka_client& client, const kafka_deadline& deadline) {
  const rd_kafka_metadata_t* raw = nullptr;
  if (rd_kafka_metadata(client.get(), 0, nullptr, &raw, deadline.left(limit_patience)) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return false;
  const kafka_ptr<const rd_kafka_metadata_t> found{raw};
  const auto controller = rd_kafka_controllerid(client.get(), deadline.left(limit_patience));
  return std::any_of(found->brokers, found->brokers + found->broker_cnt, [&](const auto& b) { return b.id == controller; });
}

std::optional<std::size_t>
topic_limit(const kafka_client& client, const std::string& topic, const kafka_deadline& deadline) {
  const auto answer = describe(client, topic, deadline);
  const auto* const result = answer ? rd_kafka_event_DescribeConfigs_result(answer.get()) : nullptr;
  std::size_t count = 0;
  const auto* const* found = result ? rd_kafka_DescribeConfigs_result_resources(result, &count) : nullptr;
  if (count != 1)
    return std::nullopt;
  const auto* const* entries = rd_kafka_ConfigResource_configs(found[0], &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* const value = rd_kafka_ConfigEntry_value(entries[i]);
    std::size_t bytes = 0;
    if (
      value && std::strcmp(rd_kafka_ConfigEntry_name(entries[i]), "max.message.bytes") == 0 &&
      std::from_chars(value, value + std::strlen(value), bytes).ec == std::errc{})
      return bytes;
  }
  return std::nullopt;
}

} // namespace leat
