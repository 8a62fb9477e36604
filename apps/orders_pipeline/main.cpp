// orders-pipeline: checks orders from Kafka, puts their customers to them, and writes them to PostgreSQL, sums and alerts to Kafka.
// `orders-pipeline generate` makes orders, `customers` stands for the customer service, `report` counts what came out.

#include <leat/apps/orders_pipeline/demo/tools.hpp>
#include <leat/apps/orders_pipeline/orders_job.hpp>
#include <leat/pipeline/run.hpp>

#include <string_view>

namespace leat::embedded {
extern const embedded_file orders_pipeline;
}

int main(int argc, char** argv) {
  using namespace leat;
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "generate")
    return orders::generate_main(argc - 1, argv + 1);
  if (first == "report")
    return orders::report_main(argc - 1, argv + 1);
  if (first == "customers")
    return orders::customers_main(argc - 1, argv + 1);
  const command_line_parser parser{
    "orders-pipeline",
    "Checks orders from Kafka, puts their customers to them, and writes them to PostgreSQL, sums and alerts to Kafka. "
    "`orders-pipeline generate` makes orders, `customers` stands for the customer service, `report` counts what came out."};
  return run(parser, {&embedded::orders_pipeline, 1}, argc, argv, [](const launch& start) {
    return orders::orders_job(start.config, std::make_shared<orders::customer_lookup>(start.config));
  });
}
