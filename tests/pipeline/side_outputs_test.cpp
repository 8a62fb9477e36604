#include <leat/testing.hpp>
#include <leat/tests/pipeline/records.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using texts = std::vector<std::string>;

const side_output<std::string> aside{"aside"};
const side_output<order> late_orders{"late-orders"};
const side_output<payment> late_payments{"late-payments"};

/// A job of orders and payments whose step `describe` makes of the two, with the side outputs above.
template <class Describe>
job of_both(Describe describe) {
  job j{"both"};
  const auto said = describe(j.source(input<order>("orders")), j.source(input<payment>("payments")));
  said.sink(output<std::string>("said"));
  said.side_output(aside).sink(output<std::string>("aside"));
  said.side_output(late_orders).sink(output<order>("late-orders"));
  said.side_output(late_payments).sink(output<payment>("late-payments"));
  return j;
}

/// Pairs that are paid in full; others go aside.
job paid_soon() {
  return of_both([](auto orders, auto payments) {
    return orders.key_by(&order::id)
      .join(payments.key_by(&payment::order))
      .between(-5s, 5s)
      .late_outputs(late_orders, late_payments)
      .template process<std::string>(
        [](const order& o, const payment& p, join_context<std::string>& pair, collector<std::string>& out) {
          const auto after = pair.key() + " after " + std::to_string((pair.second_time() - pair.first_time()).count());
          if (p.cents == o.cents)
            out.push(after);
          else
            pair.emit(aside, after);
        });
  });
}

/// Says what each actor hears, and at what time; other orders go aside.
struct hears {
  template <class Context>
  void process(const order& o, Context& c, collector<std::string>&) {
    c.emit(aside, "order " + o.id);
  }
  void process_broadcast(const payment& p, process_context& c, collector<std::string>& out) {
    out.push(p.order + " at " + std::to_string(to_millis(c.time())));
    c.emit(aside, "heard of " + p.order);
  }
};

/// Both streams go aside.
struct both_aside {
  void process_first(const order& o, keyed_context<std::string>& c, collector<std::string>&) { c.emit(aside, o.id); }
  void process_second(const payment& p, keyed_context<std::string>& c, collector<std::string>&) {
    c.emit(aside, "paid " + p.order);
  }
};

/// Takes an output of orders for one of texts.
struct texts_for_orders {
  void process_first(const order& o, keyed_context<std::string>& c, collector<std::string>&) {
    c.emit(side_output<std::string>{late_orders.name}, o.id);
  }
  void process_second(const payment&, keyed_context<std::string>&, collector<std::string>&) {}
};

} // namespace

TEST_CASE("the function of an interval join knows both times and emits to side outputs, with the later of them") {
  test_run run{paid_soon()};
  run.input<order>("orders").push({"a", 100}, at(10));
  run.input<payment>("payments").push({"a", 100}, at(7));
  run.input<payment>("payments").push({"a", 50}, at(12));
  const auto said = run.output<std::string>("said").take_timed();
  REQUIRE(said.size() == 1);
  CHECK(said[0].record == "a after -3000");
  CHECK(said[0].time == at(10));
  const auto others = run.output<std::string>("aside").take_timed();
  REQUIRE(others.size() == 1);
  CHECK(others[0].record == "a after 2000");
  CHECK(others[0].time == at(12));
}

TEST_CASE("records too late for any row of an interval join can be read, others still find partners to come") {
  test_run run{paid_soon()};
  run.input<order>("orders").watermark(at(10));
  run.input<payment>("payments").watermark(at(10));
  run.input<order>("orders").push({"a", 100}, at(9));
  run.input<order>("orders").push({"c", 100}, at(5));
  run.input<payment>("payments").push({"b", 100}, at(4));
  run.input<payment>("payments").push({"a", 100}, at(11));
  CHECK(run.output<order>("late-orders").take() == std::vector<order>{{"c", 100}});
  CHECK(run.output<payment>("late-payments").take() == std::vector<payment>{{"b", 100}});
  CHECK(run.output<std::string>("said").take() == texts{"a after 2000"});
}

TEST_CASE("a function with broadcast state emits to side outputs, of records of both streams") {
  const auto keyed = of_both([](auto orders, auto payments) {
    return orders.key_by(&order::id).with_broadcast(payments).template process<std::string>(hears{});
  });
  const auto plain = of_both(
    [](auto orders, auto payments) { return orders.with_broadcast(payments).template process<std::string>(hears{}); });
  for (const auto& j : {keyed, plain}) {
    test_run run{j};
    run.input<order>("orders").push({"a", 100}, at(1));
    run.input<payment>("payments").push({"p", 1}, at(2));
    CHECK(run.output<std::string>("said").take() == texts{"p at 2000"});
    CHECK(run.output<std::string>("aside").take() == texts{"order a", "heard of p"});
  }
}

TEST_CASE("a function over two streams emits to side outputs, of records of both") {
  test_run run{of_both([](auto orders, auto payments) {
    return orders.key_by(&order::id).connect(payments.key_by(&payment::order)).template process<std::string>(both_aside{});
  })};
  run.input<order>("orders").push({"a", 100}, at(1));
  run.input<payment>("payments").push({"a", 1}, at(2));
  CHECK(run.output<std::string>("aside").take() == texts{"a", "paid a"});
}

TEST_CASE("records of another type than is read at a side output end the job, and it is named") {
  test_run run{of_both([](auto orders, auto payments) {
    return orders.key_by(&order::id)
      .connect(payments.key_by(&payment::order))
      .template process<std::string>(texts_for_orders{});
  })};
  CHECK_THROWS_WITH(
    run.input<order>("orders").push({"a", 100}, at(1)),
    Catch::Contains("emits records to side output \"late-orders\" that are of another type than .side_output(…) reads"));
}
