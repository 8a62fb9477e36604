#pragma once

#include <leat/apps/orders_pipeline/demo/order_generator.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace leat::testing {

/// What has to come of generated events, by plain loops that know nothing of the pipeline. Lines are sorted; amounts are in cents.
struct expected_orders {
  explicit expected_orders(const std::vector<orders::generated_event>& events);

  std::vector<std::string> rows;       ///< of the table: the latest event of each order, with its customer
  std::vector<std::string> metrics;    ///< customer, window, orders, total, average in hundredths of a cent, largest
  std::vector<std::string> aggregates; ///< customer, window, orders, total
  std::vector<std::string> alerts;     ///< rule, customer, order
  std::map<std::size_t, int> defects;  ///< how many events have each
  std::size_t valid = 0;
};

/// An amount of at most two digits behind the point in cents.
[[nodiscard]] std::int64_t in_cents(const decimal& amount);

} // namespace leat::testing
