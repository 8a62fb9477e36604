#include "message_fixture.hpp"

#include <leat/connectors/kafka.hpp>
#include <leat/connectors/registry.hpp>
#include <leat/testing.hpp>

#include <catch2/catch.hpp>
#include <google/protobuf/util/time_util.h>

#include <sstream>
#include <stdexcept>

using namespace leat;
using namespace leat::testing;

namespace {

timestamp time_of(const shop::Order& o) {
  return from_millis(google::protobuf::util::TimeUtil::TimestampToMilliseconds(o.at()));
}

/// Passes an order on with the number of those that its customer has had before, and keeps the last one.
class number_orders {
public:
  void open(state_registry& states) { states.add("last", last_); }

  void process(const shop::Order& o, keyed_context<std::string>&, collector<shop::Order>& out) {
    auto numbered = o;
    (*numbered.mutable_stock())["before"] = last_.get() ? last_.get()->stock().at("before") + 1 : 0;
    last_.set(numbered);
    out.push(numbered);
  }

private:
  value_state<shop::Order> last_;
};

job orders() {
  job j{"orders"};
  j.source(kafka::source<shop::Order>("orders", protobuf).event_time(time_of, late_by(5s)))
    .filter([](const shop::Order& o) { return o.id() > 0; })
    .map([](const shop::Order& o) {
      if (o.status() == shop::Order::PAID)
        throw std::invalid_argument{"is paid already"};
      return o;
    })
    .named("check")
    .dead_letters()
    .key_by([](const shop::Order& o) { return o.customer_id(); })
    .process<shop::Order>(number_orders{})
    .uid("numbers")
    .sink(
      kafka::sink<shop::Order>("numbered", registered_protobuf).key([](const shop::Order& o) { return o.customer_id(); }));
  return j;
}

shop::Order order(std::int64_t id, const std::string& customer, std::int64_t second) {
  shop::Order o;
  o.set_id(id);
  o.set_customer_id(customer);
  o.mutable_at()->set_seconds(second);
  return o;
}

} // namespace

TEST_CASE("messages go through a job, are kept in the state of keys, and go on from a snapshot") {
  test_run run{orders(), {.parallelism = 2}};
  auto in = run.input<shop::Order>("orders");
  in.push(order(1, "ada", 10));
  in.push(order(-1, "ada", 11));
  in.push(order(2, "ada", 12));
  const auto numbered = run.output<shop::Order>("numbered").take();
  REQUIRE(numbered.size() == 2);
  CHECK(numbered[1].id() == 2);
  CHECK(numbered[1].stock().at("before") == 1);

  test_run again{orders(), run.snapshot(), {.parallelism = 3}};
  again.input<shop::Order>("orders").push(order(3, "ada", 13));
  CHECK(again.output<shop::Order>("numbered").take().at(0).stock().at("before") == 2);
  CHECK(again.state<value_state<shop::Order>>("numbers", "last", "ada")->id() == 3);
}

TEST_CASE("a dead letter of a step shows the message as JSON") {
  test_run run{orders()};
  auto paid = order(1, "ada", 10);
  paid.set_status(shop::Order::PAID);
  run.input<shop::Order>("orders").push(paid);
  const auto letters = run.output<dead_letter>("orders-dead-letters").take();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].payload == R"({"id":"1","customer_id":"ada","at":"1970-01-01T00:00:10Z","status":"PAID"})");
}

TEST_CASE("messages are in windows, by a time that a function reads") {
  job j{"windows"};
  j.source(input<shop::Order>("orders").event_time(time_of))
    .key_by([](const shop::Order& o) { return o.customer_id(); })
    .window(tumbling(1min))
    .reduce([](shop::Order a, const shop::Order& b) {
      a.set_id(a.id() + b.id());
      return a;
    })
    .sink(output<shop::Order>("sums"));
  test_run run{j};
  auto in = run.input<shop::Order>("orders");
  in.push(order(1, "ada", 0));
  in.push(order(2, "ada", 59));
  in.push(order(4, "ada", 60));
  in.watermark(from_millis(60'000));
  const auto sums = run.output<shop::Order>("sums").take();
  REQUIRE(sums.size() == 1);
  CHECK(sums[0].id() == 3);
}
