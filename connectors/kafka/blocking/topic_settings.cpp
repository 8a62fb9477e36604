#include <leat/connectors/kafka/blocking/topic_settings.hpp>

#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/connectors/kafka/blocking/admin_request.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

void refuse_unknown(const std::vector<topic_setting>& there, const std::map<std::string, std::string>& changes) {
  std::vector<std::string> names;
  for (const auto& s : there)
    names.push_back(s.name);
  for (const auto& [name, value] : changes)
    if (std::ranges::find(names, name) == names.end()) {
      const auto nearest = nearest_name(name, names);
      throw config_error{fmt::format(
        "topics have no setting {}; {}", name,
        nearest.empty() ? "`leat topics describe --all` lists them" : fmt::format("did you mean {}?", nearest))};
    }
}

/// All settings that the topic is to have of its own.
std::map<std::string, std::string>
changed(const std::vector<topic_setting>& there, const std::map<std::string, std::string>& changes) {
  std::map<std::string, std::string> wanted;
  for (const auto& s : there)
    if (s.own && s.value)
      wanted[s.name] = *s.value;
  for (const auto& [name, value] : changes)
    if (value.empty())
      wanted.erase(name);
    else
      wanted[name] = value;
  return wanted;
}

} // namespace

void change_topic_settings(
  const cluster_view& on, const std::string& topic, const std::map<std::string, std::string>& changes) {
  const auto what = fmt::format("change the settings of topic \"{}\"", topic);
  const auto there = on.topic_settings(topic);
  refuse_unknown(there, changes);
  auto* const asked = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  for (const auto& [name, value] : changed(there, changes))
    rd_kafka_ConfigResource_set_config(asked, name.c_str(), value.c_str());
  rd_kafka_ConfigResource_t* one[] = {asked};
  const auto answer =
    ask_admin(on.client(), [&](rd_kafka_queue_t* q) { rd_kafka_AlterConfigs(on.client().get(), one, 1, nullptr, q); });
  rd_kafka_ConfigResource_destroy(asked);
  expect_answer(on.brokers(), what, answer.get());
  std::size_t count = 0;
  const auto* const* found =
    rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(answer.get()), &count);
  if (count != 1)
    fail_request(on.brokers(), what, "an empty answer", RD_KAFKA_RESP_ERR_NO_ERROR);
  if (const auto code = rd_kafka_ConfigResource_error(found[0]); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    fail_request(on.brokers(), what, rd_kafka_ConfigResource_error_string(found[0]), code);
}

} // namespace leat
