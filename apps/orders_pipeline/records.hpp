#pragma once

#include <leat/base/decimal.hpp>
#include <leat/base/schema.hpp>
#include <leat/base/time.hpp>

#include <cstdint>
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

/// An event of the topic `orders`.
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

} // namespace leat::orders
