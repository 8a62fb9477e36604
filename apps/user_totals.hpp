#pragma once

#include <leat/leat.hpp>

#include <cstdint>
#include <string>

/// What `windowed-totals` reads, computes and writes; the tests and the memory benchmark run the same with other windows and
/// other sinks.
namespace leat::user_totals {

/// A card payment.
struct transaction {
  std::string transaction_id, user_id;
  double amount;
  std::string merchant, country;
  leat::timestamp timestamp;
};
BOOST_DESCRIBE_STRUCT(transaction, (), (transaction_id, user_id, amount, merchant, country, timestamp))

/// What a user spent in one window, which ends before `window_end`.
struct user_total {
  std::string user_id;
  leat::timestamp window_start, window_end;
  std::int64_t transactions;
  double total, average, smallest, largest;
};
BOOST_DESCRIBE_STRUCT(user_total, (), (user_id, window_start, window_end, transactions, total, average, smallest, largest))

/// The transactions that count: those of an amount above nothing.
inline stream<transaction> paid(const stream<transaction>& all) {
  return all.filter([](const transaction& t) { return t.amount > 0; });
}

/// A row per user and window.
inline stream<user_total> totals_of(const stream<transaction>& payments, window_spec windows) {
  return payments.key_by(&transaction::user_id)
    .window(windows)
    .aggregate<user_total>(
      key, window_start, window_end, count, sum(&transaction::amount), avg(&transaction::amount), min(&transaction::amount),
      max(&transaction::amount));
}

} // namespace leat::user_totals
