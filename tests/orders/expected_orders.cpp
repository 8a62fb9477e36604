#include "expected_orders.hpp"

#include <leat/apps/orders_pipeline/demo/customer_stub.hpp>

#include <boost/describe/enum_to_string.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace leat::testing {

using namespace orders;

namespace {

constexpr std::int64_t five_minutes = 300'000, hour = 3'600'000;    // ms
constexpr std::int64_t high_value = 100'00, large_order = 5'000'00; // cents
constexpr std::int64_t most_orders = 10;

struct sums {
  std::int64_t orders = 0, total = 0, largest = 0;
  void add(std::int64_t cents) {
    ++orders;
    total += cents;
    largest = std::max(largest, cents);
  }
};
using windows = std::map<std::pair<std::string, std::int64_t>, sums>; // by customer and start

std::string row_of(const order_event& o) {
  const auto customer = known_customer(o.customer_id);
  return fmt::format(
    "{} {} {} {} {} {} items {} {}", o.order_id, o.customer_id, boost::describe::enum_to_string(o.event_type, ""), o.status,
    in_cents(o.total_amount), o.items.size(), to_millis(o.timestamp), customer ? customer->name : "unknown");
}

} // namespace

std::int64_t in_cents(const decimal& amount) { return static_cast<std::int64_t>(amount.round(2).unscaled()); }

expected_orders::expected_orders(const std::vector<generated_event>& events) {
  std::map<std::string, order_event> latest;
  windows hourly, high, counts;
  for (const auto& e : events) {
    if (!e.valid) {
      ++defects[e.wrong_by];
      continue;
    }
    ++valid;
    const auto& o = *e.valid;
    if (const auto [at, is_new] = latest.emplace(o.order_id, o); !is_new && at->second.timestamp < o.timestamp)
      at->second = o;
    if (o.event_type != event_kind::order_created)
      continue;
    const auto cents = in_cents(o.total_amount);
    const auto start = to_millis(o.timestamp) - to_millis(o.timestamp) % five_minutes;
    for (auto s = start; s > start - hour; s -= five_minutes)
      hourly[{o.customer_id, s}].add(cents);
    if (cents > high_value)
      high[{o.customer_id, start}].add(cents);
    counts[{o.customer_id, start}].add(cents);
    const auto customer = known_customer(o.customer_id);
    if (cents >= large_order)
      alerts.push_back(fmt::format("large-order {} {}", o.customer_id, o.order_id));
    if (!customer)
      alerts.push_back(fmt::format("unknown-customer {} {}", o.customer_id, o.order_id));
    else if (customer->blocked)
      alerts.push_back(fmt::format("blocked-customer {} {}", o.customer_id, o.order_id));
  }
  for (const auto& [id, o] : latest)
    rows.push_back(row_of(o));
  for (const auto& [of, s] : hourly)
    metrics.push_back(fmt::format(
      "{} {} to {}: {} orders, {} in all, {} at most, {} on average", of.first, of.second, of.second + hour, s.orders,
      s.total, s.largest, (s.total * 100 + s.orders / 2) / s.orders));
  for (const auto& [of, s] : high)
    aggregates.push_back(
      fmt::format("{} {} to {}: {} orders, {} in all", of.first, of.second, of.second + five_minutes, s.orders, s.total));
  for (const auto& [of, s] : counts)
    if (s.orders > most_orders)
      alerts.push_back(fmt::format("many-orders {} {}", of.first, of.second + five_minutes));
  for (auto* lines : {&rows, &metrics, &aggregates, &alerts})
    std::ranges::sort(*lines);
}

} // namespace leat::testing
