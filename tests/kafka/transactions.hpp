#pragma once

#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace leat::testing {

/// Writes lines into partition 0 of a topic in transactions, as another program would. A failure ends the test.
class transaction_writer {
public:
  transaction_writer(const std::string& brokers, std::string topic);

  /// Aborts what is open.
  ~transaction_writer();

  transaction_writer(const transaction_writer&) = delete;
  transaction_writer& operator=(const transaction_writer&) = delete;

  void commit(const std::vector<std::string>& lines);
  void abort(const std::vector<std::string>& lines);

  /// Leaves a transaction open whose lines are with the broker.
  void begin(const std::vector<std::string>& lines);

private:
  const std::string topic_;
  rd_kafka_t* rk_;
};

} // namespace leat::testing
