#pragma once

#include <leat/apps/fraud_alerts/demo/traffic_shape.hpp>
#include <leat/apps/fraud_alerts/records.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace leat::fraud {

/// A fraud that is put among the traffic, and that its rule must find.
struct injected_fraud {
  std::string rule;
  std::string user_id;
  timestamp first; ///< event time of its first transaction
  timestamp last;
  std::int64_t transactions = 0;
};

/// A fraud with the transactions that make it up, in the order of their event times; they have no id yet.
struct planned_fraud {
  injected_fraud what;
  std::size_t user = 0;
  std::vector<transaction> transactions;
};

/// The name of a user by number.
[[nodiscard]] std::string user_name(std::size_t user);

/// The country that a user lives in, and that none of the strangers are in who use its card.
[[nodiscard]] const char* home_of(std::size_t user);

/// A number of frauds for each rule that is enabled, each on a user of its own, spread over the time from `start` to
/// `start + shape.span` such that all their windows lie inside it.
[[nodiscard]] std::vector<planned_fraud>
plan_frauds(const rules& what, const traffic_shape& shape, timestamp start, std::int64_t events, std::mt19937_64& random);

} // namespace leat::fraud
