// The windowed Kafka job: `windowed-totals` beside the same job as a hand-written loop, both reading the same records from
// a real broker on this machine, in turn. Each run is a process of its own, timed from start to exit.

#include <leat/bench/bench_report.hpp>
#include <leat/bench/transactions.hpp>

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/tests/support/kafka_server.hpp>
#include <leat/tests/support/process.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace leat;

constexpr int rounds = 3;

std::int64_t record_count() {
  const auto* said = std::getenv("BENCH_RECORDS"); // a smaller run while working on something
  return said ? std::atoll(said) : 5'000'000;
}

/// Runs a command to its end and returns how long it took, in seconds.
double timed(const std::vector<std::string>& command, const std::filesystem::path& log) {
  const auto begin = std::chrono::steady_clock::now();
  testing::process child{command, log};
  if (const auto code = child.wait(); code != 0) {
    fmt::print(stderr, "{} ended with {}; see {}\n", command.front(), code, log.string());
    std::exit(1);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The rows of a topic, sorted: what the two programs must agree on.
std::vector<std::string> rows_of(const std::string& brokers, const std::string& topic) {
  std::vector<std::string> rows;
  for (auto& record : read_topic(brokers, topic, duration{120'000}))
    rows.push_back(std::move(*record.payload));
  std::sort(rows.begin(), rows.end());
  return rows;
}

} // namespace

int main(int argc, char** argv) {
  const auto json = bench::json_file(argc, argv);
  const auto here = std::filesystem::canonical("/proc/self/exe").parent_path();
  const auto log = here / "bench_kafka.log";
  testing::kafka_server broker;
  const auto records = record_count();
  bench::produce_transactions(broker.brokers(), "transactions", records);

  std::vector<double> leat_speed, loop_speed, ratios;
  for (int round = 1; round <= rounds; ++round) {
    const auto leat_output = fmt::format("leat-totals-{}", round);
    const auto loop_output = fmt::format("loop-totals-{}", round);
    kafka_admin admin{broker.brokers()};
    admin.create_topic({leat_output, bench::transaction_partitions, 1, {}});
    admin.create_topic({loop_output, bench::transaction_partitions, 1, {}});
    const auto loop = timed({(here / "loop-totals").string(), broker.brokers(), "transactions", loop_output}, log);
    const auto leat = timed(
      {(here.parent_path() / "apps" / "windowed-totals").string(), "--bounded", "--brokers", broker.brokers(), "--input",
       "transactions", "--output", leat_output, "--set", "kafka.start=earliest"},
      log);
    const auto n = static_cast<double>(records);
    leat_speed.push_back(n / leat);
    loop_speed.push_back(n / loop);
    ratios.push_back(loop / leat);
    fmt::print(
      stderr, "round {}: loop {:.2f} M records/s, windowed-totals {:.2f} M records/s, ratio {:.2f}\n", round,
      n / loop / 1e6, n / leat / 1e6, ratios.back());
  }

  const auto rows = rows_of(broker.brokers(), "leat-totals-1");
  if (rows != rows_of(broker.brokers(), "loop-totals-1")) {
    fmt::print(stderr, "windowed-totals and the loop wrote different rows\n");
    return 1;
  }
  bench::bench_report report{"kafka"};
  report.add({"hand-written loop", median(loop_speed), "records/s", "", {}, ""});
  report.add({"windowed-totals", median(leat_speed), "records/s", "the hand-written loop", median(ratios), "at least 1"});
  report.add({"rows out, the same from both", static_cast<double>(rows.size()), "rows", "", {}, ""});
  report.print();
  if (json)
    report.write_json(*json);
}
