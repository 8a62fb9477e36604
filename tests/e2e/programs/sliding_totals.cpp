// sliding-totals: what the end-to-end tests need beyond windowed-totals: sliding windows, and a second sink that windows
// have no part in.

#include <leat/apps/user_totals.hpp>
#include <leat/connectors/kafka.hpp>

int main(int argc, char** argv) {
  using namespace leat;
  using namespace leat::user_totals;
  command_line_parser parser{"sliding-totals", "Totals per user of the last minute, every twenty seconds."};
  std::string input, output, large;
  parser.option("--input", "TOPIC", "Topic to read", input);
  parser.option("--output", "TOPIC", "Topic for the totals", output);
  parser.option("--large", "TOPIC", "Topic for the transactions above 900", large);
  return run(parser, {}, argc, argv, [&](const launch&) {
    job totals{"sliding-totals"};
    const auto payments =
      paid(totals.source(kafka::source<transaction>(input, json).event_time(&transaction::timestamp, late_by(5s))));
    totals_of(payments, sliding(1min, 20s)).sink(kafka::sink<user_total>(output, json).key(&user_total::user_id));
    payments.filter([](const transaction& t) { return t.amount > 900; }).sink(kafka::sink<transaction>(large, json));
    return totals;
  });
}
