// What checkpoints and exactly-once cost, part by part; `--only NAME` measures one.

#include <leat/bench/bench_report.hpp>
#include <leat/bench/checkpoints/exactly_once.hpp>
#include <leat/bench/checkpoints/large_state.hpp>
#include <leat/bench/checkpoints/running_checkpoints.hpp>
#include <leat/bench/checkpoints/store.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>

using namespace leat;

namespace {

constexpr struct {
  std::string_view name;
  const char* what;
  void (*report)(bench::bench_report&);
} parts[] = {
  {"store", "the store alone: a minute", bench::report_store},
  {"running", "a job whose state changes, and one whose sink is stopped: a minute", bench::report_running_checkpoints},
  {"large", "a job with a large state", bench::report_large_state},
  {"throughput", "from Kafka to Kafka, exactly once and at least once: eight minutes", bench::report_throughput},
  {"latency", "how late committed records come: two minutes", bench::report_latency},
  {"kill", "kill -9 and restart", bench::report_kill},
  {"restart", "kill -9 and restart with a large state: two minutes", bench::report_large_restart},
};

} // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view{argv[1]} == "job")
    return bench::run_job(argc - 1, argv + 1);
  if (argc > 1 && std::string_view{argv[1]} == "large")
    return bench::run_large(argc - 1, argv + 1);
  if (argc == 3 && std::string_view{argv[1]} == "query")
    bench::run_queries(argv[2]);
  std::string only;
  const auto json = bench::json_file(argc, argv, &only);
  bench::bench_report report{"checkpoints"};
  bool any = false;
  for (const auto& part : parts)
    if (only.empty() || only == part.name) {
      any = true;
      fmt::print(stderr, "{} ...\n", part.what);
      part.report(report);
    }
  if (!any) {
    fmt::print(stderr, "--only {}: there are", only);
    for (const auto& part : parts)
      fmt::print(stderr, " {}", part.name);
    fmt::print(stderr, "\n");
    return 2;
  }
  report.print();
  if (json)
    report.write_json(*json);
}
