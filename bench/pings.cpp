#include <leat/bench/pings.hpp>

#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace leat::bench {

namespace {

using steady = std::chrono::steady_clock;

} // namespace

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now().time_since_epoch()).count();
}

stopwatch::stopwatch(const std::string& brokers, const std::string& topic) {
  auto* conf = rd_kafka_conf_new();
  char why[512];
  for (const auto& [name, value] : std::vector<std::pair<const char*, const char*>>{
         {"bootstrap.servers", brokers.c_str()},
         {"group.id", "stopwatch"},
         {"enable.auto.commit", "false"},
         {"isolation.level", "read_committed"}})
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK)
      throw std::runtime_error{why};
  client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  rd_kafka_poll_set_consumer(client_);
  auto* list = rd_kafka_topic_partition_list_new(ping_partitions);
  for (int p = 0; p < ping_partitions; ++p)
    rd_kafka_topic_partition_list_add(list, topic.c_str(), p)->offset = 0;
  rd_kafka_assign(client_, list);
  rd_kafka_topic_partition_list_destroy(list);
  thread_ = std::thread{[this] { read(); }};
}

std::vector<stopwatch::arrival> stopwatch::finish() {
  done_ = true;
  thread_.join();
  rd_kafka_consumer_close(client_);
  rd_kafka_destroy(client_);
  return std::move(arrivals_);
}

void stopwatch::read() {
  const auto decode = json.make_decoder(schema_of<ping>());
  std::vector<rejection> rejected;
  while (!done_) {
    auto* m = rd_kafka_consumer_poll(client_, 100);
    if (!m)
      continue;
    ping p;
    const raw_record raw{{}, std::string_view{static_cast<const char*>(m->payload), m->len}, m->offset, {}};
    if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR && decode->decode({&raw, 1}, &p, sizeof p, rejected) == 1)
      arrivals_.push_back({p.sent_ns, now_ns()});
    rd_kafka_message_destroy(m);
  }
}

std::vector<double> millis_of(const std::vector<stopwatch::arrival>& all, std::int64_t from_ns) {
  std::vector<double> millis;
  for (const auto& a : all)
    if (a.sent_ns >= from_ns)
      millis.push_back(a.millis());
  std::sort(millis.begin(), millis.end());
  return millis;
}

double percentile(const std::vector<double>& sorted, double p) {
  return sorted.at(static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * p));
}

void send_pings(
  const std::string& brokers, const std::string& topic, int per_millisecond, std::chrono::milliseconds time,
  std::int64_t keys) {
  kafka_feeder feeder{brokers};
  const std::string filling(80, 'x');
  const auto begin = steady::now();
  for (std::int64_t ms = 0; ms < time.count(); ++ms) {
    std::this_thread::sleep_until(begin + std::chrono::milliseconds{ms});
    for (int i = 0; i < per_millisecond; ++i) {
      const auto nth = ms * per_millisecond + i;
      const auto number = keys == 0 ? nth : nth * 7'919 % keys;
      feeder.send(
        topic, {}, fmt::format(R"({{"number":{},"sent_ns":{},"filling":"{}"}})", number, now_ns(), filling),
        static_cast<std::int32_t>(nth % ping_partitions));
    }
  }
  feeder.flush();
}

} // namespace leat::bench
