// sliding-totals: what the end-to-end tests need beyond windowed-totals: sliding windows, and a second sink that windows
// have no part in.

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
  command_line_parser parser{"sliding-totals", "Totals per user of the last minute, every twenty seconds."};
  std::string input, output, large;
  parser.option("--input", "TOPIC", "Topic to read", input);
  parser.option("--output", "TOPIC", "Topic for the totals", output);
  parser.option("--large", "TOPIC", "Topic for the transactions above 900", large);
  return run(parser, {}, argc, argv, [&](const launch&) {
    job totals{"sliding-totals"};
    const auto paid =
      totals.source(kafka::source<transaction>(input, json).event_time(&transaction::timestamp, late_by(5s)))
        .filter([](const transaction& t) { return t.amount > 0; });
    paid.key_by(&transaction::user_id)
      .window(sliding(1min, 20s))
      .aggregate<user_total>(
        key, window_start, window_end, count, sum(&transaction::amount), avg(&transaction::amount),
        min(&transaction::amount), max(&transaction::amount))
      .sink(kafka::sink<user_total>(output, json).key(&user_total::user_id));
    paid.filter([](const transaction& t) { return t.amount > 900; }).sink(kafka::sink<transaction>(large, json));
    return totals;
  });
}
