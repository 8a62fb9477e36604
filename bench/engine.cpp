// The engine alone: a source in memory, key_by over two shards, a sum per key and window. No Kafka, no parsing: what
// remains is what a record costs on its way from actor to actor. Beside it the same sums in one loop on one thread.

#include <leat/bench/allocations.hpp>
#include <leat/bench/bench_report.hpp>
#include <leat/bench/generated_events.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/tests/support/memory_connectors.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace {

using namespace leat;

constexpr std::int64_t events = 60'000'000;
constexpr std::int64_t keys = 10'000;
constexpr std::int32_t partitions = 2;
constexpr std::int64_t events_per_window = 1'000'000; // a millisecond each

using bench::event;

const bench::generated_events generated{events / partitions, keys, partitions};

struct key_sum {
  std::int64_t key = 0;
  leat::timestamp window_end;
  std::int64_t sum = 0;
};
BOOST_DESCRIBE_STRUCT(key_sum, (), (key, window_end, sum))

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

struct outcome {
  double events_per_second = 0;
  double allocations_per_million = 0;
  std::int64_t checksum = 0;
};

std::int64_t checksum_of(const std::vector<key_sum>& rows) {
  std::int64_t sum = 0;
  for (const auto& r : rows)
    sum += r.sum;
  return sum;
}

outcome run_engine(std::uint32_t threads) {
  const auto rows = std::make_shared<testing::memory_rows<key_sum>>();
  rows->rows.reserve(2'000'000);
  job j{"engine"};
  j.source(generated)
    .key_by(&event::key)
    .window(tumbling(duration{events_per_window}))
    .aggregate<key_sum>(key, window_end, sum(&event::value))
    .sink(testing::to_memory<key_sum>{rows});
  const settings none;
  metrics registry;
  run_options options;
  options.threads = threads;
  options.parallelism = 2;
  options.bounded = true;
  const auto begin = std::chrono::steady_clock::now();
  running_job running{j.plan(), options, none, registry};
  // The first half fills pools and tables; steady state is the second.
  while (registry.sum("records_in") < events / 2)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  const auto allocated = bench::allocations();
  const auto already = registry.sum("records_in");
  const auto result = running.wait();
  const auto took = seconds_since(begin);
  if (result.failed) {
    fmt::print(stderr, "the engine failed: {}\n", result.reason);
    std::exit(1);
  }
  return {
    static_cast<double>(events) / took,
    static_cast<double>(bench::allocations() - allocated) * 1e6 / static_cast<double>(events - already),
    checksum_of(rows->all())};
}

outcome run_loop() {
  const auto begin = std::chrono::steady_clock::now();
  std::int64_t checksum = 0;
  for (std::int64_t p = 0; p < partitions; ++p) {
    boost::unordered_flat_map<std::int64_t, std::int64_t> sums;
    for (std::int64_t i = 0; i < events / partitions; ++i) {
      const auto e = generated.at(i);
      sums[e.key] += e.value;
      if ((i + 1) % events_per_window == 0) {
        for (const auto& [key, sum] : sums)
          checksum += sum;
        sums.clear();
      }
    }
    for (const auto& [key, sum] : sums)
      checksum += sum;
  }
  return {static_cast<double>(events) / seconds_since(begin), 0, checksum};
}

} // namespace

int main(int argc, char** argv) {
  const auto json = bench::json_file(argc, argv);
  const auto loop = run_loop();
  const auto engine = run_engine(2);
  if (engine.checksum != loop.checksum) {
    fmt::print(stderr, "the engine's sums differ from the loop's: {} and {}\n", engine.checksum, loop.checksum);
    return 1;
  }
  bench::bench_report report{"engine"};
  report.add({"loop on one thread, no framework", loop.events_per_second, "events/s"});
  report.add(
    {"source -> key_by x 2 -> sum, 2 threads", engine.events_per_second, "events/s", "the loop on one thread",
     engine.events_per_second / loop.events_per_second, bench::at_least(30e6)});
  report.add(
    {"allocations per million events, steady state",
     engine.allocations_per_million,
     "allocations",
     "",
     {},
     bench::at_most(1000)});
  report.print();
  if (json)
    report.write_json(*json);
}
