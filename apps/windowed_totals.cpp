// windowed-totals: totals per user and minute of a stream of transactions, from Kafka to Kafka. The job of `./dev bench
// kafka`, and a program of its own: topics and brokers come from the command line.

#include <leat/connectors/kafka.hpp>
#include <leat/leat.hpp>

namespace {

struct transaction {
  std::string transaction_id, user_id;
  double amount;
  std::string merchant, country;
  leat::timestamp timestamp;
};
BOOST_DESCRIBE_STRUCT(transaction, (), (transaction_id, user_id, amount, merchant, country, timestamp))

struct user_total {
  std::string user_id;
  leat::timestamp window_start, window_end;
  std::int64_t transactions;
  double total, average, smallest, largest;
};
BOOST_DESCRIBE_STRUCT(user_total, (), (user_id, window_start, window_end, transactions, total, average, smallest, largest))

} // namespace

int main(int argc, char** argv) {
  using namespace leat;
  command_line_parser parser{"windowed-totals", "Totals per user and minute of event time, from Kafka to Kafka."};
  std::string input = "transactions";
  std::string output = "totals";
  parser.option("--input", "TOPIC", "Topic to read; default transactions", input);
  parser.option("--output", "TOPIC", "Topic to write; default totals", output);
  return run(parser, {}, argc, argv, [&](const launch&) {
    job totals{"windowed-totals"};
    totals.source(kafka::source<transaction>(input, json).event_time(&transaction::timestamp, late_by(5s)))
      .filter([](const transaction& t) { return t.amount > 0; })
      .key_by(&transaction::user_id)
      .window(tumbling(1min))
      .aggregate<user_total>(
        key, window_start, window_end, count, sum(&transaction::amount), avg(&transaction::amount),
        min(&transaction::amount), max(&transaction::amount))
      .sink(kafka::sink<user_total>(output, json).key(&user_total::user_id));
    return totals;
  });
}
