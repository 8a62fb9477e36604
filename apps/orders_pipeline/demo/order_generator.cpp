#include <leat/apps/orders_pipeline/demo/order_generator.hpp>

#include <leat/apps/orders_pipeline/demo/customer_stub.hpp>

#include <boost/describe/enum_to_string.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace leat::orders {

namespace {

constexpr std::size_t most_open = 200; // orders that go on

/// An object's members: names, and values as JSON has them.
using members = std::vector<std::pair<std::string, std::string>>;

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", text); }

std::string& value_of(members& of, std::string_view name) {
  return std::ranges::find(of, name, &members::value_type::first)->second;
}

void remove(members& from, std::string_view name) {
  std::erase_if(from, [name](const auto& m) { return m.first == name; });
}

std::string object_of(const members& all) {
  std::string text = "{";
  for (const auto& [name, value] : all)
    text += fmt::format("{}{}:{}", text.size() > 1 ? "," : "", quoted(name), value);
  return text + "}";
}

std::string list_of(const std::vector<order_item>& items) {
  std::string text;
  for (const auto& i : items)
    text += fmt::format(
      R"({}{{"sku":"{}","quantity":{},"price":{}}})", text.empty() ? "" : ",", i.sku, i.quantity, to_string(i.price));
  return "[" + text + "]";
}

/// As producers of different make write it.
std::string time_text(leat::timestamp t, std::uint64_t make) {
  const auto iso = format_timestamp(t); // ends in Z
  switch (make % 4) {
  case 0:
    return fmt::format("{}", to_millis(t));
  case 1:
    return quoted(iso);
  case 2:
    return quoted(iso.substr(0, iso.size() - 1));
  default: {
    const auto shifted = format_timestamp(t + std::chrono::hours{2});
    return quoted(shifted.substr(0, shifted.size() - 1) + "+02:00");
  }
  }
}

members members_of(const order_event& o, std::uint64_t make) {
  const auto total = to_string(o.total_amount);
  return {
    {"event_type", quoted(boost::describe::enum_to_string(o.event_type, ""))},
    {"event_id", quoted(o.event_id)},
    {"order_id", quoted(o.order_id)},
    {"customer_id", quoted(o.customer_id)},
    {"total_amount", make % 5 == 0 ? quoted(total) : total},
    {"items", list_of(o.items)},
    {"status", quoted(o.status)},
    {"timestamp", time_text(o.timestamp, make)}};
}

/// The only item of an order, with one of its members as JSON has it.
std::string item_with(std::string_view sku, std::string_view quantity, std::string_view price) {
  return fmt::format(R"([{{"sku":{},"quantity":{},"price":{}}}])", sku, quantity, price);
}

/// A defect, and how to make it.
struct spoiling {
  defect what;
  std::function<std::optional<std::string>(members)> spoil;
};

/// One that spoils members of the object.
spoiling of_members(std::string_view name, std::string_view reason, std::function<void(members&)> change) {
  return {{name, reason}, [change = std::move(change)](members m) -> std::optional<std::string> {
            change(m);
            return object_of(m);
          }};
}

spoiling of_value(std::string_view name, std::string_view reason, std::string member, std::string value) {
  return of_members(
    name, reason, [member = std::move(member), value = std::move(value)](members& m) { value_of(m, member) = value; });
}

spoiling without(std::string_view name, std::string_view reason, std::string member) {
  return of_members(name, reason, [member = std::move(member)](members& m) { remove(m, member); });
}

const std::vector<spoiling>& spoilings() {
  static const std::vector<spoiling> all{
    {{"cut off", "JSON"},
     [](const members& m) -> std::optional<std::string> {
       const auto whole = object_of(m);
       return whole.substr(0, whole.find("\"order_id\""));
     }},
    {{"a list", "object"}, [](const members& m) -> std::optional<std::string> { return "[" + object_of(m) + "]"; }},
    {{"a tombstone", "null"}, [](const members&) -> std::optional<std::string> { return std::nullopt; }},
    {{"empty", "empty"}, [](const members&) -> std::optional<std::string> { return ""; }},
    of_value("a total that is no number", "`total_amount`", "total_amount", "true"),
    of_value("a total of too many digits", "`total_amount`", "total_amount", "1234567890123456789012345678901234567890"),
    of_value("an unreadable time", "`timestamp`", "timestamp", quoted("yesterday")),
    of_value("a time far in the future", "future", "timestamp", quoted("2999-01-01T00:00:00Z")),
    of_value("half a piece", "`items[0].quantity`", "items", item_with(quoted("a"), "0.5", "10.00")),
    of_members("an order_id twice", "`order_id`", [](members& m) { m.emplace_back("order_id", quoted("another")); }),
    without("no event_type", "event_type is missing", "event_type"),
    of_value("an unknown event_type", "event_type is \"order_eaten\"", "event_type", quoted("order_eaten")),
    of_value("a long event_id", "event_id has 65 characters", "event_id", quoted(std::string(65, 'e'))),
    without("no order_id", "order_id is missing", "order_id"),
    of_value("blanks in the customer_id", "customer_id is \"c 1\"", "customer_id", quoted("c 1")),
    of_value("no items", "items is empty", "items", "[]"),
    of_value("too many items", "items has 501 entries", "items", list_of(std::vector<order_item>(501, {"a", 1, {}}))),
    of_value("an item without a sku", "sku of item 1 is missing", "items", R"([{"quantity":1,"price":1.00}])"),
    of_value("no pieces", "quantity of item 1 is 0", "items", item_with(quoted("a"), "0", "10.00")),
    of_value("a negative price", "price of item 1 is -1.00", "items", item_with(quoted("a"), "1", "-1.00")),
    of_value(
      "an item twice", "which an item before it has", "items",
      R"([{"sku":"a","quantity":1,"price":1.00},{"sku":"a","quantity":1,"price":1.00}])"),
    of_value("a wrong total", "but the items come to", "total_amount", "0.01"),
    of_members(
      "a total beyond measure", "at most 1000000000000 is allowed",
      [](members& m) {
        const std::string amount = "99999999999999999999999999999999999999";
        value_of(m, "total_amount") = amount;
        value_of(m, "items") = item_with(quoted("a"), "1", amount);
      }),
    of_value("fractions of a cent", "fractions of a cent", "total_amount", "10.001"),
    of_value("an unknown status", "status is \"eaten\"", "status", quoted("eaten")),
    of_value("a status of another event", "status is cancelled, but", "status", quoted("cancelled")),
    without("no time", "timestamp is missing", "timestamp")};
  return all;
}

} // namespace

const std::vector<defect>& defects() {
  static const std::vector<defect> all = [] {
    std::vector<defect> names;
    for (const auto& s : spoilings())
      names.push_back(s.what);
    return names;
  }();
  return all;
}

order_generator::order_generator(generator_options options) : options_{options}, random_{options.seed} {}

generated_event order_generator::next() {
  ++made_;
  const auto make = random_();
  if (static_cast<std::uint64_t>(static_cast<double>(made_) * options_.invalid) > invalid_) {
    const auto which = invalid_++ % spoilings().size();
    const auto o = make_order(options_.begin + static_cast<std::int64_t>(made_) * options_.step);
    return {o.customer_id, spoilings()[which].spoil(members_of(o, make)), std::nullopt, which};
  }
  auto o = make_event();
  auto payload = object_of(members_of(o, make));
  return {o.customer_id, std::move(payload), std::move(o)};
}

order_event order_generator::make_event() {
  const auto behind = duration{static_cast<std::int64_t>(below(static_cast<std::uint64_t>(options_.disorder.count()) + 1))};
  const auto at = options_.begin + static_cast<std::int64_t>(made_) * options_.step - behind;
  if (open_.size() < most_open || below(10) < 6) {
    auto created = make_order(at);
    open_.push_back(created);
    return created;
  }
  auto o = take_open();
  o.event_id = fmt::format("e-{}-{}", options_.seed, made_);
  o.timestamp = at == o.timestamp ? at + duration{1} : at; // so that it is known which is the latest
  if (below(8) == 0) {
    o.event_type = event_kind::order_cancelled;
    o.status = "cancelled";
    return o;
  }
  o.event_type = event_kind::order_updated;
  o.status = o.status == "pending" ? "paid" : o.status == "paid" ? "shipped" : "delivered";
  if (o.status != "delivered")
    open_.push_back(o);
  return o;
}

/// Mostly the one that has waited longest. At times the latest, whose next event may lie before the one that has just been made: who
/// writes the table must not go by the order in which events come.
order_event order_generator::take_open() {
  const bool latest = below(10) == 0;
  auto o = std::move(latest ? open_.back() : open_.front());
  if (latest)
    open_.pop_back();
  else
    open_.pop_front();
  return o;
}

order_event order_generator::make_order(leat::timestamp at) {
  order_event o;
  o.event_id = fmt::format("e-{}-{}", options_.seed, made_);
  o.order_id = fmt::format("o-{}-{}", options_.seed, ++orders_);
  o.customer_id = customer_id_of(below(options_.customers));
  o.status = "pending";
  o.timestamp = at;
  const auto count = 1 + below(3);
  const bool large = below(200) == 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto quantity = static_cast<std::int32_t>(large ? 100 : 1 + below(3));
    const auto price = decimal::of(static_cast<std::int64_t>(50 + below(9'950)), 2);
    o.items.push_back({fmt::format("sku-{}", i * 100 + below(100)), quantity, price});
    o.total_amount += price * decimal{quantity};
  }
  return o;
}

} // namespace leat::orders
