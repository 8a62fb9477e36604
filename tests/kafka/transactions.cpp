#include "transactions.hpp"

#include <stdexcept>

namespace leat::testing {

namespace {

constexpr int patience = 30'000; // ms

void check(rd_kafka_error_t* failed) {
  if (!failed)
    return;
  const std::string text = rd_kafka_error_string(failed);
  rd_kafka_error_destroy(failed);
  throw std::runtime_error{"transaction: " + text};
}

} // namespace

transaction_writer::transaction_writer(const std::string& brokers, std::string topic) : topic_{std::move(topic)} {
  auto* const conf = rd_kafka_conf_new();
  char text[256];
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), text, sizeof text);
  rd_kafka_conf_set(conf, "transactional.id", topic_.c_str(), text, sizeof text);
  rk_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (!rk_)
    throw std::runtime_error{text};
  check(rd_kafka_init_transactions(rk_, patience));
}

transaction_writer::~transaction_writer() { rd_kafka_destroy(rk_); }

void transaction_writer::commit(const std::vector<std::string>& lines) {
  begin(lines);
  check(rd_kafka_commit_transaction(rk_, patience));
}

void transaction_writer::abort(const std::vector<std::string>& lines) {
  begin(lines);
  check(rd_kafka_abort_transaction(rk_, patience));
}

void transaction_writer::begin(const std::vector<std::string>& lines) {
  check(rd_kafka_begin_transaction(rk_));
  for (const auto& line : lines)
    if (
      rd_kafka_producev(
        rk_, RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_VALUE(const_cast<char*>(line.data()), line.size()), RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw std::runtime_error{"transaction: cannot produce"};
  if (rd_kafka_flush(rk_, patience) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error{"transaction: records are not delivered"};
}

} // namespace leat::testing
