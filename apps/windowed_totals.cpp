// windowed-totals: totals per user and minute of a stream of transactions, from Kafka to Kafka. The job of `./dev bench
// kafka`, and a program of its own: topics and brokers come from the command line.

#include <leat/apps/user_totals.hpp>
#include <leat/connectors/kafka.hpp>

int main(int argc, char** argv) {
  using namespace leat;
  using namespace leat::user_totals;
  command_line_parser parser{"windowed-totals", "Totals per user and minute of event time, from Kafka to Kafka."};
  std::string input = "transactions";
  std::string output = "totals";
  parser.option("--input", "TOPIC", "Topic to read; default transactions", input);
  parser.option("--output", "TOPIC", "Topic to write; default totals", output);
  return run(parser, {}, argc, argv, [&](const launch&) {
    job totals{"windowed-totals"};
    const auto transactions =
      totals.source(kafka::source<transaction>(input, json).event_time(&transaction::timestamp, late_by(5s)));
    totals_of(paid(transactions), tumbling(1min)).sink(kafka::sink<user_total>(output, json).key(&user_total::user_id));
    return totals;
  });
}
