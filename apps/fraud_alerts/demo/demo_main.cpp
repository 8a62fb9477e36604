#include <leat/apps/fraud_alerts/demo/demo.hpp>

#include <leat/apps/fraud_alerts/fraud_alerts_job.hpp>
#include <leat/pipeline/process_signals.hpp>
#include <leat/pipeline/run.hpp>

#include <spdlog/spdlog.h>

#include <array>
#include <cstdlib>
#include <unistd.h>

namespace leat::embedded {
extern const embedded_file fraud_alerts;
extern const embedded_file fraud_alerts_demo;
} // namespace leat::embedded

namespace leat::fraud {

namespace {

/// Colours are for people who see them and did not refuse them (no-color.org).
bool shows_colours() { return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

} // namespace

command_line_parser demo_parser() {
  command_line_parser parser{
    "fraud-alerts demo",
    "Feeds traffic with known frauds to fraud-alerts, on an embedded Kafka or, when brokers are "
    "named (--brokers), on a real one in topics of its own, and checks that it finds every one of them."};
  parser.shorthand("--events", "N", "demo.events", "Transactions to feed");
  parser.shorthand("--seed", "N", "demo.seed", "Makes the traffic of an earlier demo again");
  parser.shorthand("--rate", "N", "demo.rate", "Transactions per second, at most; 0: as fast as they are read");
  return parser;
}

std::span<const embedded_file> demo_defaults() {
  static const std::array files{embedded::fraud_alerts, embedded::fraud_alerts_demo};
  return files;
}

int demo_main(int argc, char** argv) {
  const auto start = start_up(demo_parser(), demo_defaults(), argc, argv);
  if (start.exit)
    return *start.exit;
  return exit_code_of([&] {
    if (start.line.explain) {
      auto what = fraud_alerts_job(start.config);
      return run(what, start);
    }
    const process_signals signals{[] {
      spdlog::info("stopping: finishing what has been fed; a further signal, after a second, ends the program at once");
    }};
    return run_demo(start, standard_console(), shows_colours(), [&] { return signals.received(); });
  });
}

} // namespace leat::fraud
