// spending: who spends more than 5,000 in a minute. The program shown in the README, whole.

#include <leat/connectors/kafka.hpp>
#include <leat/leat.hpp>

struct transaction {
  std::string transaction_id, user_id;
  double amount;
  leat::timestamp timestamp;
};
BOOST_DESCRIBE_STRUCT(transaction, (), (transaction_id, user_id, amount, timestamp))

struct spending {
  std::string user_id;
  leat::timestamp window_start, window_end;
  std::int64_t transactions;
  double total;
};
BOOST_DESCRIBE_STRUCT(spending, (), (user_id, window_start, window_end, transactions, total))

int main(int argc, char** argv) {
  using namespace leat;
  job fraud{"spending"};
  fraud.source(kafka::source<transaction>("transactions", json).event_time(&transaction::timestamp, late_by(5s)))
    .filter([](const transaction& t) { return t.amount > 0; })
    .key_by(&transaction::user_id)
    .window(tumbling(1min))
    .aggregate<spending>(key, window_start, window_end, count, sum(&transaction::amount))
    .uid("totals")
    .filter([](const spending& s) { return s.total > 5'000; })
    .sink(kafka::sink<spending>("alerts", json).key(&spending::user_id).exactly_once());
  return run(fraud, argc, argv);
}
