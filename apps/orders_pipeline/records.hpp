#pragma once

#include <leat/base/decimal.hpp>
#include <leat/base/schema.hpp>
#include <leat/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leat::orders {

/// What has happened to an order.
enum class event_kind : std::uint8_t { order_created, order_updated, order_cancelled };
BOOST_DESCRIBE_ENUM(event_kind, order_created, order_updated, order_cancelled)

/// A line of an order.
struct order_item {
  std::string sku;
  std::int32_t quantity = 0;
  decimal price; ///< of one piece
  bool operator==(const order_item&) const = default;
};
BOOST_DESCRIBE_STRUCT(order_item, (), (sku, quantity, price))

/// An event of the topic `orders`, as it should be.
struct order_event {
  event_kind event_type = event_kind::order_created;
  std::string event_id;
  std::string order_id;
  std::string customer_id;
  decimal total_amount;
  std::vector<order_item> items;
  std::string status;
  leat::timestamp timestamp;
  bool operator==(const order_event&) const = default;
};
BOOST_DESCRIBE_STRUCT(
  order_event, (), (event_type, event_id, order_id, customer_id, total_amount, items, status, timestamp))

/// A line of an order, as it comes.
struct received_item {
  std::optional<std::string> sku;
  std::optional<std::int32_t> quantity;
  std::optional<decimal> price;
};
BOOST_DESCRIBE_STRUCT(received_item, (), (sku, quantity, price))

/// An event of the topic `orders`, as it comes: whatever is missing is told with all else that is wrong with it.
struct received_event {
  std::optional<std::string> event_type, event_id, order_id, customer_id;
  std::optional<decimal> total_amount;
  std::optional<std::vector<received_item>> items;
  std::optional<std::string> status;
  std::optional<leat::timestamp> timestamp;
};
BOOST_DESCRIBE_STRUCT(
  received_event, (), (event_type, event_id, order_id, customer_id, total_amount, items, status, timestamp))

/// What the customer service says of a customer: the answer to `GET /customers/ID`.
struct customer {
  std::string customer_id, name, tier, country;
  bool blocked = false;
};
BOOST_DESCRIBE_STRUCT(customer, (), (customer_id, name, tier, country, blocked))

/// Whether an order has its customer.
enum class enrichment_state : std::uint8_t {
  enriched,
  unknown_customer, ///< the customer service has none, or none that can be read
  not_asked,        ///< the customer service was down
};
BOOST_DESCRIBE_ENUM(enrichment_state, enriched, unknown_customer, not_asked)

/// An order's latest event with its customer: a row of the table `orders`.
struct enriched_order {
  std::string order_id, customer_id;
  event_kind event_type = event_kind::order_created;
  std::string status;
  decimal total_amount;
  std::vector<order_item> items;
  leat::timestamp updated_at;
  std::optional<std::string> customer_name, customer_tier, customer_country;
  std::optional<bool> customer_blocked;
  enrichment_state enrichment = enrichment_state::enriched;
  std::optional<std::string> enrichment_problem; ///< why there is no customer
};
BOOST_DESCRIBE_STRUCT(
  enriched_order, (),
  (order_id, customer_id, event_type, status, total_amount, items, updated_at, customer_name, customer_tier,
   customer_country, customer_blocked, enrichment, enrichment_problem))

/// What a customer has ordered within an hour: of the topic `order-metrics`.
struct customer_metrics {
  std::string customer_id;
  leat::timestamp window_start, window_end;
  std::int64_t orders = 0;
  decimal total, average, largest;
};
BOOST_DESCRIBE_STRUCT(customer_metrics, (), (customer_id, window_start, window_end, orders, total, average, largest))

/// A customer's orders of high value within five minutes: of the topic `order-aggregates`.
struct high_value_total {
  std::string customer_id;
  leat::timestamp window_start, window_end;
  std::int64_t orders = 0;
  decimal total;
};
BOOST_DESCRIBE_STRUCT(high_value_total, (), (customer_id, window_start, window_end, orders, total))

/// Something that somebody should look at: of the topic `order-alerts`.
struct order_alert {
  std::string rule; ///< "large-order", "blocked-customer", "unknown-customer" or "many-orders"
  std::string customer_id;
  std::optional<std::string> order_id; ///< none: it is about several
  leat::timestamp at;
  std::string detail; ///< for a person
};
BOOST_DESCRIBE_STRUCT(order_alert, (), (rule, customer_id, order_id, at, detail))

} // namespace leat::orders
