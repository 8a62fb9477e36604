// The windowed Kafka job: `windowed-totals` beside the same job as a hand-written loop, both reading the same records from
// a real broker on this machine, in turn. Each run is a process of its own: timed from start to exit, and by the time it kept
// a core busy, which tells more on a machine that others use too.

#include <leat/bench/bench_report.hpp>
#include <leat/bench/transactions.hpp>

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/tests/support/process.hpp>
#include <leat/tests/support/servers/kafka_server.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace leat;

constexpr int counted_rounds = 5;

std::int64_t record_count() {
  const auto* said = std::getenv("BENCH_RECORDS"); // a smaller run while working on something
  return said ? std::atoll(said) : 5'000'000;
}

/// What a run to the end took, in seconds.
struct run_cost {
  double wall = 0;
  double cpu = 0;
};

run_cost run(const std::vector<std::string>& command, const std::filesystem::path& log) {
  const auto begin = std::chrono::steady_clock::now();
  testing::process child{command, log};
  if (const auto code = child.wait(); code != 0) {
    fmt::print(stderr, "{} ended with {}; see {}\n", command.front(), code, log.string());
    std::exit(1);
  }
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), child.cpu_seconds()};
}

/// Runs the two programs by turns; each run writes to a topic of its own, `<program>-<round>`.
class contest {
public:
  struct round {
    run_cost loop, leat;
  };

  explicit contest(std::string brokers) : brokers_{std::move(brokers)} {}

  /// Odd rounds begin with the loop, even ones with windowed-totals: neither always finds the machine as the other left it.
  round run_round(int number) const {
    round costs;
    const auto loop = [&] { costs.loop = run_loop(output("loop-totals", number)); };
    const auto leat = [&] { costs.leat = run_leat(output("windowed-totals", number)); };
    if (number % 2 == 1) {
      loop();
      leat();
    } else {
      leat();
      loop();
    }
    return costs;
  }

private:
  [[nodiscard]] std::string output(std::string_view program, int number) const {
    auto topic = fmt::format("{}-{}", program, number);
    kafka_admin{brokers_}.create_topic({topic, bench::transaction_partitions, 1, {}});
    return topic;
  }

  [[nodiscard]] run_cost run_loop(const std::string& to) const {
    return run({(here_ / "loop-totals").string(), brokers_, "transactions", to}, log_);
  }

  [[nodiscard]] run_cost run_leat(const std::string& to) const {
    const auto program = here_.parent_path() / "apps" / "windowed-totals";
    return run(
      {program.string(), "--bounded", "--brokers", brokers_, "--input", "transactions", "--output", to, "--set",
       "kafka.start=earliest"},
      log_);
  }

  const std::string brokers_;
  const std::filesystem::path here_ = std::filesystem::canonical("/proc/self/exe").parent_path();
  const std::filesystem::path log_ = here_ / "bench_kafka.log";
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The median over all rounds of what `of` says about each.
template <class Of>
double median_of(const std::vector<contest::round>& rounds, Of of) {
  std::vector<double> values;
  for (const auto& r : rounds)
    values.push_back(of(r));
  return median(std::move(values));
}

/// The rows of a topic, sorted: what the two programs must agree on.
std::vector<std::string> rows_of(const std::string& brokers, const std::string& topic) {
  std::vector<std::string> rows;
  for (auto& record : read_topic(brokers, topic, duration{120'000}))
    rows.push_back(std::move(*record.payload));
  std::sort(rows.begin(), rows.end());
  return rows;
}

bench::bench_report report_on(const std::vector<contest::round>& rounds, std::int64_t records, std::size_t rows) {
  using round = contest::round;
  const auto millions = static_cast<double>(records) / 1e6;
  const auto speed = [&](double seconds) { return static_cast<double>(records) / seconds; };
  bench::bench_report report{"kafka"};
  report.add({"hand-written loop", median_of(rounds, [&](const round& r) { return speed(r.loop.wall); }), "records/s"});
  report.add(
    {"windowed-totals", median_of(rounds, [&](const round& r) { return speed(r.leat.wall); }), "records/s",
     "the hand-written loop", median_of(rounds, [](const round& r) { return r.loop.wall / r.leat.wall; }),
     bench::ratio_at_least(1)});
  report.add(
    {"hand-written loop, CPU seconds", median_of(rounds, [&](const round& r) { return r.loop.cpu / millions; }),
     "s/M records"});
  report.add(
    {"windowed-totals, CPU seconds", median_of(rounds, [&](const round& r) { return r.leat.cpu / millions; }),
     "s/M records", "the hand-written loop", median_of(rounds, [](const round& r) { return r.leat.cpu / r.loop.cpu; })});
  report.add({"rows out, the same from both", static_cast<double>(rows), "rows"});
  return report;
}

} // namespace

int main(int argc, char** argv) {
  const auto json = bench::json_file(argc, argv);
  testing::kafka_server broker;
  const auto records = record_count();
  const auto millions = static_cast<double>(records) / 1e6;
  bench::produce_transactions(broker.brokers(), "transactions", records);

  const contest between{broker.brokers()};
  between.run_round(0); // not counted: the broker is still busy with what was produced, and everything is cold
  const auto rows = rows_of(broker.brokers(), "windowed-totals-0");
  if (rows != rows_of(broker.brokers(), "loop-totals-0")) {
    fmt::print(stderr, "windowed-totals and the loop wrote different rows\n");
    return 1;
  }

  std::vector<contest::round> rounds;
  for (int number = 1; number <= counted_rounds; ++number) {
    const auto& [loop, leat] = rounds.emplace_back(between.run_round(number));
    fmt::print(
      stderr,
      "round {}: loop {:.2f}, windowed-totals {:.2f} M records/s, ratio {:.2f}; CPU {:.2f}, {:.2f} s/M, ratio {:.2f}\n",
      number, millions / loop.wall, millions / leat.wall, loop.wall / leat.wall, loop.cpu / millions, leat.cpu / millions,
      leat.cpu / loop.cpu);
  }

  const auto report = report_on(rounds, records, rows.size());
  report.print();
  if (json)
    report.write_json(*json);
}
