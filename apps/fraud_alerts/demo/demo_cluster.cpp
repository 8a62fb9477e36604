#include <leat/apps/fraud_alerts/demo/demo_cluster.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/client_settings.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <string_view>
#include <unistd.h>

namespace leat::fraud {

/// By way of the other constructor, after which the destructor runs also when this one throws: no topic is left behind.
demo_cluster::demo_cluster(const settings& config, bool real, int partitions) : demo_cluster{} {
  if (real)
    use_real(config, partitions);
  else
    use_embedded(config, partitions);
}

void demo_cluster::set(const std::string& key, const std::string& value) {
  config_.set(key, {value, "the demo", {}, false});
}

void demo_cluster::use_embedded(const settings& config, int partitions) {
  for (const auto& [key, value] : config.all()) // no TLS and no passwords for a broker that has neither
    if (std::string_view{key}.find("properties.") == std::string_view::npos)
      config_.set(key, value);
  embedded_.emplace();
  brokers_ = embedded_->brokers();
  embedded_->create_topic(config_.text("topics.input"), partitions);
  embedded_->create_topic(config_.text("topics.output"), partitions);
  set("kafka.brokers", brokers_);
  set("kafka.consumer-properties.fetch.wait.max.ms", "5"); // this broker answers only then when there is nothing to read
}

void demo_cluster::use_real(const settings& config, int partitions) {
  config_ = config;
  brokers_ = kafka_brokers(config);
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  const auto prefix = fmt::format("leat-demo-{:x}-{:x}", now, getpid());
  kafka_admin admin{brokers_, given_properties(config_)};
  set("kafka.group", prefix);
  for (const auto& key : {"topics.input", "topics.output"}) {
    const auto topic = fmt::format("{}-{}", prefix, config.text(key));
    admin.create_topic({topic, partitions, -1, {}});
    created_.push_back(topic);
    set(key, topic);
  }
}

demo_cluster::~demo_cluster() {
  for (const auto& topic : created_) {
    remove(topic);
    remove(topic + "-dlq"); // only there when something was rejected
  }
}

void demo_cluster::remove(const std::string& topic) const {
  try {
    kafka_admin admin{brokers_, given_properties(config_)};
    if (admin.partitions(topic))
      admin.delete_topic(topic);
  } catch (const error& e) {
    spdlog::error("topic {} of this demo may still be there: {}", topic, e.what());
  }
}

std::vector<std::int64_t> demo_cluster::alert_ends() const {
  return kafka_admin{brokers_, given_properties(config_)}.end_offsets(config_.text("topics.output"));
}

} // namespace leat::fraud
