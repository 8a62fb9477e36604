// Latency of a pass-through at 20,000 records/s: from handing a record to a producer to having it in a consumer, once over
// the broker only, once with Leat between two topics. All in this process; the broker is a real one beside it.

#include <leat/bench/bench_report.hpp>
#include <leat/bench/pings.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/leat.hpp>
#include <leat/tests/support/servers/kafka_server.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace {

using namespace leat;
using namespace leat::bench;

constexpr int per_millisecond = 20;
constexpr auto warm_up = std::chrono::seconds{3};
constexpr auto measured = std::chrono::seconds{10};

std::vector<double> run_direct(const std::string& brokers, const std::string& topic) {
  kafka_admin{brokers}.create_topic({topic, ping_partitions, 1, {}});
  stopwatch watch{brokers, topic};
  const auto from = now_ns() + std::chrono::nanoseconds{warm_up}.count();
  send_pings(brokers, topic, per_millisecond, warm_up + measured);
  std::this_thread::sleep_for(std::chrono::seconds{1});
  return millis_of(watch.finish(), from);
}

std::vector<double> run_through_leat(const std::string& brokers, const std::string& topic) {
  kafka_admin admin{brokers};
  const auto out = topic + "-out";
  admin.create_topic({topic, ping_partitions, 1, {}});
  admin.create_topic({out, ping_partitions, 1, {}});
  const std::string arguments[] = {"--brokers", brokers, "--log-level", "warn"};
  const auto start = plan_launch(command_line_parser{"latency", ""}, {}, arguments, {});
  job pass{"pass-through"};
  pass.source(kafka::source<ping>(topic, json)).sink(kafka::sink<ping>(out, json));
  metrics registry;
  running_job running{pass.plan(), run_options_from(start.config), start.config, registry};
  stopwatch watch{brokers, out};
  const auto from = now_ns() + std::chrono::nanoseconds{warm_up}.count();
  send_pings(brokers, topic, per_millisecond, warm_up + measured);
  std::this_thread::sleep_for(std::chrono::seconds{1});
  auto latencies = millis_of(watch.finish(), from);
  running.stop();
  if (const auto result = running.wait(); result.failed)
    throw std::runtime_error{result.reason};
  return latencies;
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
    report.add({fmt::format("{} producer -> broker -> consumer", name), base, "ms"});
    report.add(
      {fmt::format("{} with Leat between two topics", name), through, "ms", "without Leat", through / base,
       p == 0.99 ? std::optional{bench::ratio_at_most(2)} : std::nullopt});
  }
  report.add({"records measured", static_cast<double>(leat.size()), "records"});
  report.print();
  if (json_out)
    report.write_json(*json_out);
}
