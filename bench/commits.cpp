// What an exactly-once sink to Kafka takes from a durable checkpoint to its committed records, beside a transaction of the same
// records through librdkafka alone, with its defaults and with the settings of the sink. Against a real broker on this machine.

#include <leat/bench/bench_report.hpp>

#include <leat/base/metrics.hpp>
#include <leat/base/settings.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/connectors/kafka/handles.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/tests/support/servers/kafka_server.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

namespace {

using namespace leat;
using clock_type = std::chrono::steady_clock;

constexpr int records = 2'000;
constexpr int epochs = 300;
constexpr int warm_up = 20;

struct row {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(row, (), (text))

/// Milliseconds of each epoch but those that warm up.
using times = std::vector<double>;

void note(times& to, int epoch, clock_type::time_point began) {
  if (epoch > warm_up)
    to.push_back(std::chrono::duration<double, std::milli>(clock_type::now() - began).count());
}

double quantile(times all, double q) {
  std::ranges::sort(all);
  return all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))];
}

times by_sink(const std::string& brokers, const std::string& topic) {
  settings config;
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
         {"kafka.brokers", brokers}, {"kafka.epoch-memory", "128MB"}, {"kafka.allow-duplicates", "false"}})
    config.set(key, setting{.value = value, .origin = "bench", .items = {}, .is_list = false});
  metrics counters;
  connector_context context;
  context.job = context.step = topic;
  context.config = &config;
  context.metrics = &counters;
  kafka_sink sink{{topic}, json, schema_of<row>(), nullptr};
  sink.open(context);
  std::mutex m;
  std::condition_variable woken;
  const auto writer = sink.make_transactional_writer(0, 1, [&] {
    const std::lock_guard lock{m};
    woken.notify_all();
  });
  const auto wait_for = [&](auto done) {
    std::unique_lock lock{m};
    while (!done())
      woken.wait_for(lock, std::chrono::milliseconds{100});
  };
  writer->restore(0, {});
  wait_for([&] { return writer->restored(); });
  const auto in = batch<row>::fresh();
  for (int i = 0; i < records / 2; ++i)
    in->push(row{std::string(90, 'x')}, timestamp{});
  times taken;
  for (int e = 1; e <= warm_up + epochs; ++e) {
    writer->write(*in, 0);
    writer->write(*in, 0);
    (void)writer->cut(static_cast<std::uint64_t>(e));
    const auto began = clock_type::now();
    writer->commit(static_cast<std::uint64_t>(e));
    wait_for([&] { return writer->committed() >= static_cast<std::uint64_t>(e); });
    note(taken, e, began);
  }
  return taken;
}

void check(rd_kafka_error_t* error) {
  if (!error)
    return;
  fmt::print(stderr, "{}\n", rd_kafka_error_string(error));
  std::exit(1);
}

times by_hand(
  const std::string& brokers, const std::string& topic,
  const std::vector<std::pair<const char*, const char*>>& properties) {
  auto* const conf = rd_kafka_conf_new();
  char text[256];
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), text, sizeof text);
  rd_kafka_conf_set(conf, "transactional.id", topic.c_str(), text, sizeof text);
  for (const auto& [name, value] : properties)
    rd_kafka_conf_set(conf, name, value, text, sizeof text);
  auto* const rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  check(rd_kafka_init_transactions(rk, 30'000));
  auto* const group = rd_kafka_consumer_group_metadata_new(topic.c_str());
  const auto marker = make_partition_list(1);
  auto* const place = rd_kafka_topic_partition_list_add(marker.get(), topic.c_str(), 0);
  const auto value = fmt::format("{{\"text\":\"{}\"}}", std::string(90, 'x'));
  times taken;
  for (int e = 1; e <= warm_up + epochs; ++e) {
    const auto began = clock_type::now();
    check(rd_kafka_begin_transaction(rk));
    for (int i = 0; i < records; ++i)
      rd_kafka_producev(
        rk, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END);
    place->offset = e;
    check(rd_kafka_send_offsets_to_transaction(rk, marker.get(), group, 30'000));
    check(rd_kafka_commit_transaction(rk, 30'000));
    note(taken, e, began);
  }
  rd_kafka_consumer_group_metadata_destroy(group);
  rd_kafka_destroy(rk);
  return taken;
}

} // namespace

int main(int argc, char** argv) {
  const auto file = bench::json_file(argc, argv);
  testing::kafka_server broker;
  kafka_admin admin{broker.brokers()};
  for (const auto* topic : {"sink", "settings", "defaults"})
    admin.create_topic({topic, 1, 1, {}});
  const auto defaults = by_hand(broker.brokers(), "defaults", {});
  const auto settings = by_hand(broker.brokers(), "settings", {{"linger.ms", "0"}, {"retry.backoff.ms", "5"}});
  const auto sink = by_sink(broker.brokers(), "sink");
  bench::bench_report report{"commits"};
  for (const double q : {0.5, 0.99}) {
    const auto p = fmt::format("p{:.0f} of {} records", q * 100, records);
    report.add({p + ", librdkafka's defaults", quantile(defaults, q), "ms"});
    report.add({p + ", linger.ms=0 and retry.backoff.ms=5", quantile(settings, q), "ms"});
    report.add(
      {p + ", the sink", quantile(sink, q), "ms", "librdkafka with these settings",
       quantile(sink, q) / quantile(settings, q)});
  }
  report.print();
  if (file)
    report.write_json(*file);
}
