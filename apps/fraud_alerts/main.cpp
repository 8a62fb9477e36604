// fraud-alerts: reads card transactions from Kafka and writes alerts to Kafka, by rules from its configuration.
// `fraud-alerts demo` runs the same job on generated traffic and checks that it finds every fraud.

#include <leat/apps/fraud_alerts/demo/demo.hpp>
#include <leat/apps/fraud_alerts/fraud_alerts_job.hpp>
#include <leat/pipeline/run.hpp>

#include <string_view>

namespace leat::embedded {
extern const embedded_file fraud_alerts;
}

int main(int argc, char** argv) {
  using namespace leat;
  if (argc > 1 && std::string_view{argv[1]} == "demo")
    return fraud::demo_main(argc - 1, argv + 1);
  const command_line_parser parser{
    "fraud-alerts",
    "Finds fraud in card transactions, from Kafka to Kafka. `fraud-alerts demo` shows how, without a Kafka."};
  return run(parser, {&embedded::fraud_alerts, 1}, argc, argv, [](const launch& start) {
    return fraud::fraud_alerts_job(start.config);
  });
}
