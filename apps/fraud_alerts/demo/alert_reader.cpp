#include <leat/apps/fraud_alerts/demo/alert_reader.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/kafka/client.hpp>
#include <leat/connectors/kafka/client_settings.hpp>
#include <leat/connectors/kafka/cluster_check.hpp>

#include <fmt/format.h>

namespace leat::fraud {

namespace {

/// Alerts taken at a call, so that a flood cannot keep the caller from its other work.
constexpr std::size_t at_most = 1000;

std::vector<client_property> reader_properties(const settings& config) {
  auto all = client_properties(config, client_role::consumer);
  all.push_back({"group.id", "fraud-alerts-demo-reader", "the demo"});
  return all;
}

} // namespace

struct alert_reader::parts {
  explicit parts(const settings& config) : client{client_role::consumer, reader_properties(config), "alert reader"} {}

  kafka_client client;
  std::unique_ptr<decoder> from_json = json.make_decoder(schema_of<alert>());
};

alert_reader::alert_reader(const settings& config, std::string topic)
  : topic_{std::move(topic)}, parts_{std::make_unique<parts>(config)} {
  auto* const rk = parts_->client.get();
  const auto count = partition_count(
    parts_->client, topic_, topic_use::read, {"alert reader", kafka_brokers(config)}, kafka_deadline{kafka_open_timeout});
  next_.assign(static_cast<std::size_t>(count), 0);
  rd_kafka_poll_set_consumer(rk);
  const auto all = make_partition_list(next_.size());
  for (std::int32_t p = 0; p < count; ++p)
    rd_kafka_topic_partition_list_add(all.get(), topic_.c_str(), p)->offset = 0;
  rd_kafka_assign(rk, all.get());
}

alert_reader::~alert_reader() = default;

const std::vector<alert>& alert_reader::read(duration patience) {
  alerts_.clear();
  auto wait = static_cast<int>(patience.count());
  while (alerts_.size() < at_most) {
    const kafka_ptr<rd_kafka_message_t> m{rd_kafka_consumer_poll(parts_->client.get(), wait)};
    wait = 0;
    if (!m)
      break;
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw connector_error{
        fmt::format("cannot read the alerts from \"{}\": {}", topic_, rd_kafka_message_errstr(m.get()))};
    raw_record raw;
    raw.payload = std::string_view{static_cast<const char*>(m->payload), m->len};
    std::vector<rejection> rejected;
    parts_->from_json->decode({&raw, 1}, &alerts_.emplace_back(), sizeof(alert), rejected);
    if (!rejected.empty())
      throw connector_error{fmt::format(
        "what is at {}/{} offset {} is no alert: {}", topic_, m->partition, m->offset, rejected.front().reason)};
    next_[static_cast<std::size_t>(m->partition)] = m->offset + 1;
  }
  return alerts_;
}

bool alert_reader::has_read(const std::vector<std::int64_t>& ends) const {
  for (std::size_t p = 0; p < ends.size(); ++p)
    if (p >= next_.size() ? ends[p] > 0 : next_[p] < ends[p])
      return false;
  return true;
}

} // namespace leat::fraud
