#include <leat/testing.hpp>
#include <leat/tests/pipeline/records.hpp>

#include <catch2/catch.hpp>

#include <map>

using namespace leat;
using namespace leat::testing;

namespace {

struct sale {
  std::string shop;
  std::int64_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(sale, (), (shop, cents))

struct shop_total {
  std::string shop;
  std::int64_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(shop_total, (), (shop, cents))

using shop_window = window_context<std::string>;
using texts = std::vector<std::string>;

const side_output<shop_total> corrections{"corrections"};

/// A shop's total of a minute; what late orders make of it goes to a side output.
class say_totals {
public:
  void open(state_registry& r) {
    r.add("said", said_);
    r.add("best", best_);
  }

  void process(const shop_total& t, shop_window& w, collector<std::string>& out) {
    if (said_.get())
      w.emit(corrections, t);
    else
      out.push(t.shop + ' ' + std::to_string(t.cents) + (t.cents > best_.edit() ? ", its best" : ""));
    said_.set(t.cents);
    best_.set(std::max(best_.edit(), t.cents));
  }

private:
  window_state<std::int64_t> said_;
  value_state<std::int64_t> best_;
};

job said_totals() {
  job j{"totals"};
  const auto said = j.source(input<sale>("orders"))
                      .key_by(&sale::shop)
                      .window(tumbling(1min))
                      .allowed_lateness(1min)
                      .aggregate_then<shop_total, std::string>(say_totals{}, key, sum(&sale::cents))
                      .named("minutes");
  said.sink(output<std::string>("said"));
  said.side_output(corrections).sink(output<shop_total>("corrected"));
  return j;
}

} // namespace

TEST_CASE("a window's function keeps state of the window and of the key, which a test can read") {
  test_run run{said_totals()};
  auto orders = run.input<sale>("orders");
  orders.push({"bakery", 500}, at(1));
  orders.push({"bakery", 300}, at(61));
  orders.watermark(at(60));
  orders.push({"bakery", 200}, at(2));
  CHECK(run.output<std::string>("said").take() == texts{"bakery 500, its best"});
  CHECK(run.output<shop_total>("corrected").take().at(0).cents == 700);
  CHECK(
    run.state<window_state<std::int64_t>>("minutes", "said", "bakery") ==
    std::map<time_window, std::int64_t>{{{at(0), at(60)}, 700}});
  orders.watermark(at(120));
  CHECK(run.output<std::string>("said").take() == texts{"bakery 300"});
  CHECK(run.state<window_state<std::int64_t>>("minutes", "said", "bakery").size() == 1);
  CHECK(run.state<value_state<std::int64_t>>("minutes", "best", "bakery") == 700);
}

TEST_CASE("state of windows is in a snapshot, and another run goes on from it") {
  test_run run{said_totals()};
  run.input<sale>("orders").push({"bakery", 500}, at(1));
  run.input<sale>("orders").watermark(at(60));
  test_run again{said_totals(), run.snapshot(), {.parallelism = 3}};
  again.input<sale>("orders").push({"bakery", 1}, at(3));
  CHECK(again.output<std::string>("said").take().empty());
  CHECK(again.output<shop_total>("corrected").take().at(0).cents == 501);
}

TEST_CASE("a lambda over a window's records knows the window and the watermark") {
  job j{"orders"};
  j.source(input<sale>("orders"))
    .key_by(&sale::shop)
    .window(tumbling(1min))
    .process<std::string>([](std::span<const timed_record<sale>> orders, shop_window& w, collector<std::string>& out) {
      out.push(w.key() + ' ' + std::to_string(orders.size()) + (w.watermark() == w.window().last() ? " at once" : ""));
    })
    .sink(output<std::string>("said"));
  test_run run{j};
  run.input<sale>("orders").push({"bakery", 500}, at(1));
  run.input<sale>("orders").watermark(at(60) - 1ms);
  CHECK(run.output<std::string>("said").take() == texts{"bakery 1 at once"});
}

TEST_CASE("a side output behind windows is refused unless their function has a context or it is their late output") {
  const auto read_behind = [](auto function) {
    job j{"orders"};
    const auto said =
      j.source(input<sale>("orders")).key_by(&sale::shop).window(tumbling(1min)).template process<std::string>(function);
    said.sink(output<std::string>("said"));
    said.side_output(corrections).sink(output<shop_total>("corrected"));
    return j;
  };
  using orders = std::span<const timed_record<sale>>;
  const auto without = read_behind([](const std::string&, const time_window&, orders, collector<std::string>&) {});
  CHECK_THROWS_WITH(test_run{without}, Catch::Contains("never emits to side output \"corrections\""));
  CHECK_NOTHROW(test_run{read_behind([](orders, shop_window&, collector<std::string>&) {})});
}

TEST_CASE("sessions refuse state of each window before anything is read") {
  job j{"visits"};
  j.source(input<sale>("orders"))
    .key_by(&sale::shop)
    .window(session(1min))
    .aggregate_then<shop_total, std::string>(say_totals{}, key, sum(&sale::cents))
    .sink(output<std::string>("said"));
  CHECK_THROWS_WITH(test_run{j}, Catch::Contains("its windows merge"));
}
