#include <leat/apps/orders_pipeline/order_check.hpp>

#include <leat/base/excerpt.hpp>

#include <boost/describe/enum_from_string.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace leat::orders {

namespace {

constexpr std::size_t longest_id = 64;
constexpr std::size_t most_items = 500;
constexpr int cents = 2;                                  // digits behind the point
constexpr std::int64_t largest_total = 1'000'000'000'000; // a sum of these stays far below 38 digits
constexpr std::array<std::string_view, 5> statuses{"pending", "paid", "shipped", "delivered", "cancelled"};

using complaint = std::function<void(std::string)>;

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", excerpt(text)); }

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

void check_id(std::string_view name, const std::optional<std::string>& id, const complaint& complain) {
  if (!id || id->empty())
    complain(fmt::format("{} is missing", name));
  else if (id->size() > longest_id)
    complain(fmt::format("{} has {} characters, at most {} are allowed", name, id->size(), longest_id));
  else if (!std::ranges::all_of(*id, is_id_character))
    complain(fmt::format("{} is {}: letters, digits, '-' and '_' are allowed", name, quoted(*id)));
}

bool in_cents(const decimal& amount) { return amount.scale() <= cents || amount.round(cents) == amount; }

void check_item(std::size_t number, const received_item& item, const complaint& complain) {
  if (!item.sku || item.sku->empty())
    complain(fmt::format("sku of item {} is missing", number));
  if (!item.quantity)
    complain(fmt::format("quantity of item {} is missing", number));
  else if (*item.quantity < 1)
    complain(fmt::format("quantity of item {} is {}, not 1 or more", number, *item.quantity));
  if (!item.price)
    complain(fmt::format("price of item {} is missing", number));
  else if (*item.price < decimal{})
    complain(fmt::format("price of item {} is {}, below 0", number, to_string(*item.price)));
  else if (!in_cents(*item.price))
    complain(fmt::format("price of item {} is {}: it has fractions of a cent", number, to_string(*item.price)));
}

/// Looks at each: an order has a few items.
bool is_before(std::size_t number, const std::string& sku, const std::vector<received_item>& items) {
  const auto before = std::span{items}.first(number);
  return std::ranges::find(before, sku, &received_item::sku) != before.end();
}

/// None when something is missing. @throws std::overflow_error when it has more than 38 digits.
std::optional<decimal> sum_of(const std::vector<received_item>& items) {
  decimal sum;
  for (const auto& i : items) {
    if (!i.quantity || !i.price)
      return std::nullopt;
    sum = sum + *i.price * decimal{*i.quantity};
  }
  return sum;
}

void check_items(const received_event& e, bool cancels, const complaint& complain) {
  if (!e.items) {
    complain("items is missing");
    return;
  }
  if (e.items->empty() && !cancels)
    complain("items is empty");
  if (e.items->size() > most_items) {
    complain(fmt::format("items has {} entries, at most {} are allowed", e.items->size(), most_items));
    return; // nobody reads what is wrong with each
  }
  for (std::size_t i = 0; i < e.items->size(); ++i) {
    const auto& item = (*e.items)[i];
    check_item(i + 1, item, complain);
    if (item.sku && !item.sku->empty() && is_before(i, *item.sku, *e.items))
      complain(fmt::format("sku of item {} is {}, which an item before it has", i + 1, quoted(*item.sku)));
  }
}

void check_total(const received_event& e, const complaint& complain) {
  if (!e.total_amount) {
    complain("total_amount is missing");
    return;
  }
  const auto& total = *e.total_amount;
  if (total < decimal{})
    complain(fmt::format("total_amount is {}, below 0", to_string(total)));
  if (!in_cents(total))
    complain(fmt::format("total_amount is {}: it has fractions of a cent", to_string(total)));
  if (total > decimal{largest_total})
    complain(fmt::format("total_amount is {}, at most {} is allowed", to_string(total), largest_total));
  try {
    const auto sum = e.items && !e.items->empty() ? sum_of(*e.items) : std::nullopt;
    if (sum && *sum != total)
      complain(fmt::format("total_amount is {}, but the items come to {}", to_string(total), to_string(*sum)));
  } catch (const std::overflow_error&) {
    complain("the items come to more than 38 digits");
  }
}

void check_status(const received_event& e, std::optional<event_kind> kind, const complaint& complain) {
  if (!e.status) {
    complain("status is missing");
    return;
  }
  if (std::ranges::find(statuses, *e.status) == statuses.end()) {
    complain(fmt::format("status is {}, not one of {}", quoted(*e.status), fmt::join(statuses, ", ")));
    return;
  }
  const bool cancelled = *e.status == "cancelled";
  if (kind == event_kind::order_cancelled && !cancelled)
    complain(fmt::format("status of an order_cancelled is {}, not cancelled", quoted(*e.status)));
  else if (kind && kind != event_kind::order_cancelled && cancelled)
    complain("status is cancelled, but the event is no order_cancelled");
}

std::optional<event_kind> kind_of(const received_event& e) {
  event_kind kind{};
  if (e.event_type && boost::describe::enum_from_string(e.event_type->c_str(), kind))
    return kind;
  return std::nullopt;
}

} // namespace

void check_event(const received_event& e, const complaint& complain) {
  const auto kind = kind_of(e);
  if (!e.event_type)
    complain("event_type is missing");
  else if (!kind)
    complain(fmt::format("event_type is {}, not order_created, order_updated or order_cancelled", quoted(*e.event_type)));
  check_id("event_id", e.event_id, complain);
  check_id("order_id", e.order_id, complain);
  check_id("customer_id", e.customer_id, complain);
  check_items(e, kind == event_kind::order_cancelled, complain);
  check_total(e, complain);
  check_status(e, kind, complain);
  if (!e.timestamp)
    complain("timestamp is missing");
}

order_event checked(received_event e) {
  order_event o{
    *kind_of(e),
    std::move(*e.event_id),
    std::move(*e.order_id),
    std::move(*e.customer_id),
    *e.total_amount,
    {},
    std::move(*e.status),
    *e.timestamp};
  for (auto& i : *e.items)
    o.items.push_back({std::move(*i.sku), *i.quantity, *i.price});
  return o;
}

} // namespace leat::orders
