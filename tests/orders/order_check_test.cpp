#include <leat/apps/orders_pipeline/order_check.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace leat;
using namespace leat::orders;

namespace {

received_event good() {
  received_event e;
  e.event_type = "order_created";
  e.event_id = "e-1";
  e.order_id = "o-1";
  e.customer_id = "c-1";
  e.total_amount = decimal{"25.50"};
  e.items = std::vector<received_item>{{"pen", 3, decimal{"5.00"}}, {"book", 1, decimal{"10.50"}}};
  e.status = "pending";
  e.timestamp = from_millis(1'000);
  return e;
}

std::vector<std::string> complaints(const received_event& e) {
  std::vector<std::string> all;
  check_event(e, [&](std::string reason) { all.push_back(std::move(reason)); });
  return all;
}

using lines = std::vector<std::string>;

} // namespace

TEST_CASE("nothing is wrong with an order that is as it should be, and it becomes one") {
  CHECK(complaints(good()) == lines{});
  const auto o = checked(good());
  CHECK(o.event_type == event_kind::order_created);
  CHECK(o.order_id == "o-1");
  CHECK(o.total_amount == decimal{"25.50"});
  REQUIRE(o.items.size() == 2);
  CHECK(o.items[1] == order_item{"book", 1, decimal{"10.50"}});
  CHECK(o.timestamp == from_millis(1'000));
}

TEST_CASE("everything that is missing is told at once") {
  CHECK(
    complaints({}) == lines{
                        "event_type is missing", "event_id is missing", "order_id is missing", "customer_id is missing",
                        "items is missing", "total_amount is missing", "status is missing", "timestamp is missing"});
}

TEST_CASE("each rule about an order has a reason of its own") {
  const auto with = [](auto change) {
    auto e = good();
    change(e);
    return complaints(e);
  };
  CHECK(with([](received_event& e) {
          e.event_type = "order_eaten";
        }) == lines{"event_type is \"order_eaten\", not order_created, order_updated or order_cancelled"});
  CHECK(with([](received_event& e) {
          e.event_id = std::string(65, 'x');
        }) == lines{"event_id has 65 characters, at most 64 are allowed"});
  CHECK(with([](received_event& e) { e.event_id = std::string(64, 'x'); }) == lines{});
  CHECK(with([](received_event& e) {
          e.customer_id = "c 1\n";
        }) == lines{"customer_id is \"c 1\\x0a\": letters, digits, '-' and '_' are allowed"});
  CHECK(with([](received_event& e) { e.order_id = ""; }) == lines{"order_id is missing"});
  CHECK(with([](received_event& e) { e.items->front().sku.reset(); }) == lines{"sku of item 1 is missing"});
  CHECK(with([](received_event& e) {
          e.items->back().sku = "pen";
        }) == lines{"sku of item 2 is \"pen\", which an item before it has"});
  CHECK(with([](received_event& e) {
          e.total_amount = decimal{"25.49"};
        }) == lines{"total_amount is 25.49, but the items come to 25.50"});
  CHECK(with([](received_event& e) { e.total_amount = decimal{"25.5"}; }) == lines{}); // the same amount
  CHECK(with([](received_event& e) { e.total_amount = decimal{"25.500"}; }) == lines{});
  CHECK(
    with([](received_event& e) {
      e.items->front() = {"pen", 0, decimal{"-1"}};
      e.total_amount = decimal{"10.505"};
    }) == lines{
            "quantity of item 1 is 0, not 1 or more", "price of item 1 is -1, below 0",
            "total_amount is 10.505: it has fractions of a cent", "total_amount is 10.505, but the items come to 10.50"});
  CHECK(
    with([](received_event& e) { e.items->front().price = decimal{"5.001"}; }) ==
    lines{"price of item 1 is 5.001: it has fractions of a cent", "total_amount is 25.50, but the items come to 25.503"});
  CHECK(with([](received_event& e) { e.items->clear(); }) == lines{"items is empty"});
  const auto with_items = [&](int count) {
    return with([count](received_event& e) {
      e.items->clear();
      for (int i = 0; i < count; ++i)
        e.items->push_back({std::to_string(i), 1, decimal{1}});
      e.total_amount = decimal{count};
    });
  };
  CHECK(with_items(500) == lines{});
  CHECK(with_items(501) == lines{"items has 501 entries, at most 500 are allowed"});
  CHECK(with([](received_event& e) {
          e.status = "eaten";
        }) == lines{"status is \"eaten\", not one of pending, paid, shipped, delivered, cancelled"});
  CHECK(with([](received_event& e) {
          e.status = "cancelled";
        }) == lines{"status is cancelled, but the event is no order_cancelled"});
}

TEST_CASE("a cancellation may be without items, but says that it is one") {
  auto e = good();
  e.event_type = "order_cancelled";
  CHECK(complaints(e) == lines{"status of an order_cancelled is \"pending\", not cancelled"});
  e.status = "cancelled";
  CHECK(complaints(e) == lines{});
  e.items->clear();
  CHECK(complaints(e) == lines{});
}

TEST_CASE("amounts beyond 38 digits are refused, not cut") {
  auto e = good();
  e.items = std::vector<received_item>{{"gold", 1'000'000'000, decimal{"99999999999999999999999999999999999.99"}}};
  CHECK(complaints(e) == lines{"the items come to more than 38 digits"});
}
