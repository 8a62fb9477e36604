// Latency of a pass-through at 20,000 records/s: from handing a record to a producer to having it in a consumer, once over
// the broker only, once with Leat between two topics. All in this process; the broker is a real one beside it.

#include <leat/bench/bench_report.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/leat.hpp>
#include <leat/tests/support/kafka_server.hpp>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

using namespace leat;
using steady = std::chrono::steady_clock;

constexpr int partitions = 4;
constexpr int per_millisecond = 20;
constexpr auto warm_up = std::chrono::seconds{3};
constexpr auto measured = std::chrono::seconds{10};

struct ping {
  std::int64_t number = 0;
  std::int64_t sent_ns = 0; // steady clock
  std::string filling;
};
BOOST_DESCRIBE_STRUCT(ping, (), (number, sent_ns, filling))

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now().time_since_epoch()).count();
}

/// Reads pings from the end of a topic on a thread of its own and keeps how long each took.
class stopwatch {
public:
  stopwatch(const std::string& brokers, const std::string& topic) {
    auto* conf = rd_kafka_conf_new();
    char why[512];
    for (const auto& [name, value] : std::vector<std::pair<const char*, const char*>>{
           {"bootstrap.servers", brokers.c_str()}, {"group.id", "stopwatch"}, {"enable.auto.commit", "false"}})
      if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK)
        throw std::runtime_error{why};
    client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    rd_kafka_poll_set_consumer(client_);
    auto* list = rd_kafka_topic_partition_list_new(partitions);
    for (int p = 0; p < partitions; ++p)
      rd_kafka_topic_partition_list_add(list, topic.c_str(), p)->offset = 0;
    rd_kafka_assign(client_, list);
    rd_kafka_topic_partition_list_destroy(list);
    thread_ = std::thread{[this] { read(); }};
  }

  /// Stops reading; the latencies in milliseconds, sorted.
  std::vector<double> finish() {
    done_ = true;
    thread_.join();
    rd_kafka_consumer_close(client_);
    rd_kafka_destroy(client_);
    std::sort(millis_.begin(), millis_.end());
    return std::move(millis_);
  }

private:
  void read() {
    const auto decode = json.make_decoder(schema_of<ping>());
    const auto begin = now_ns() + std::chrono::nanoseconds{warm_up}.count();
    std::vector<rejection> rejected;
    while (!done_) {
      auto* m = rd_kafka_consumer_poll(client_, 100);
      if (!m)
        continue;
      ping p;
      const raw_record raw{{}, std::string_view{static_cast<const char*>(m->payload), m->len}, m->offset, {}};
      if (
        m->err == RD_KAFKA_RESP_ERR_NO_ERROR && decode->decode({&raw, 1}, &p, sizeof p, rejected) == 1 && p.sent_ns > begin)
        millis_.push_back(static_cast<double>(now_ns() - p.sent_ns) / 1e6);
      rd_kafka_message_destroy(m);
    }
  }

  rd_kafka_t* client_;
  std::atomic<bool> done_{false};
  std::vector<double> millis_;
  std::thread thread_;
};

/// Sends pings at the fixed rate, on time even when one was slow.
void send_pings(const std::string& brokers, const std::string& topic) {
  kafka_feeder feeder{brokers};
  const std::string filling(80, 'x');
  const auto begin = steady::now();
  const auto milliseconds = std::chrono::milliseconds{warm_up + measured}.count();
  for (std::int64_t ms = 0; ms < milliseconds; ++ms) {
    std::this_thread::sleep_until(begin + std::chrono::milliseconds{ms});
    for (int i = 0; i < per_millisecond; ++i) {
      const auto number = ms * per_millisecond + i;
      feeder.send(
        topic, {}, fmt::format(R"({{"number":{},"sent_ns":{},"filling":"{}"}})", number, now_ns(), filling),
        static_cast<std::int32_t>(number % partitions));
    }
  }
  feeder.flush();
}

std::vector<double> run_direct(const std::string& brokers, const std::string& topic) {
  kafka_admin{brokers}.create_topic({topic, partitions, 1, {}});
  stopwatch watch{brokers, topic};
  send_pings(brokers, topic);
  std::this_thread::sleep_for(std::chrono::seconds{1});
  return watch.finish();
}

std::vector<double> run_through_leat(const std::string& brokers, const std::string& topic) {
  kafka_admin admin{brokers};
  const auto out = topic + "-out";
  admin.create_topic({topic, partitions, 1, {}});
  admin.create_topic({out, partitions, 1, {}});
  const std::string arguments[] = {"--brokers", brokers, "--log-level", "warn"};
  const auto start = plan_launch(command_line_parser{"latency", ""}, {}, arguments, {});
  job pass{"pass-through"};
  pass.source(kafka::source<ping>(topic, json)).sink(kafka::sink<ping>(out, json));
  metrics registry;
  running_job running{pass.plan(), run_options_from(start.config), start.config, registry};
  stopwatch watch{brokers, out};
  send_pings(brokers, topic);
  std::this_thread::sleep_for(std::chrono::seconds{1});
  auto latencies = watch.finish();
  running.stop();
  if (const auto result = running.wait(); result.failed)
    throw std::runtime_error{result.reason};
  return latencies;
}

double percentile(const std::vector<double>& sorted, double p) {
  return sorted.at(static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * p));
}

} // namespace

int main(int argc, char** argv) {
  const auto json_out = bench::json_file(argc, argv);
  testing::kafka_server broker;
  run_direct(broker.brokers(), "warm-up"); // a fresh JVM is slow: not counted
  std::vector<double> direct, leat;
  for (int round = 1; round <= 2; ++round) {
    for (const auto ms : run_direct(broker.brokers(), fmt::format("direct-{}", round)))
      direct.push_back(ms);
    for (const auto ms : run_through_leat(broker.brokers(), fmt::format("leat-{}", round)))
      leat.push_back(ms);
    fmt::print(stderr, "round {} of 2 done\n", round);
  }
  std::sort(direct.begin(), direct.end());
  std::sort(leat.begin(), leat.end());
  bench::bench_report report{"latency"};
  for (const auto& [name, p] : {std::pair{"p50", 0.5}, std::pair{"p99", 0.99}, std::pair{"p99.9", 0.999}}) {
    const auto base = percentile(direct, p);
    const auto through = percentile(leat, p);
    report.add({fmt::format("{} producer -> broker -> consumer", name), base, "ms", "", {}, ""});
    report.add(
      {fmt::format("{} with Leat between two topics", name), through, "ms", "without Leat", through / base,
       p == 0.99 ? "at most 2" : ""});
  }
  report.add({"records measured", static_cast<double>(leat.size()), "records", "", {}, ""});
  report.print();
  if (json_out)
    report.write_json(*json_out);
}
