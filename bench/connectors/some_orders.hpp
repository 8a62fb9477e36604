#pragma once

#include <leat/apps/orders_pipeline/records.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <random>
#include <vector>

namespace leat::bench {

/// Order events as the pipeline reads them, the same in each run; each of an order of its own.
inline std::vector<orders::order_event> some_orders(std::size_t count) {
  std::mt19937 random{1};
  std::vector<orders::order_event> all(count);
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& o = all[i];
    o.event_type = static_cast<orders::event_kind>(random() % 3);
    o.event_id = fmt::format("e-{:012}", i);
    o.order_id = fmt::format("o-{:010}", random());
    o.customer_id = fmt::format("customer-{:06}", random() % 100'000);
    o.status = i % 2 == 0 ? "pending" : "paid";
    o.timestamp = from_millis(1'700'000'000'000 + static_cast<std::int64_t>(i) * 7);
    for (auto items = 1 + random() % 4; items != 0; --items) {
      auto& item = o.items.emplace_back();
      item.sku = fmt::format("sku-{:06}", random() % 50'000);
      item.quantity = static_cast<std::int32_t>(1 + random() % 5);
      item.price = decimal::of(100 + random() % 20'000, 2);
      o.total_amount += item.price * item.quantity;
    }
  }
  return all;
}

} // namespace leat::bench
