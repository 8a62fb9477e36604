#include <leat/testing.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

struct payment {
  std::string card;
  std::int64_t cents = 0;
  timestamp at{};

  friend bool operator==(const payment&, const payment&) = default;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, cents, at))

struct total {
  std::string card;
  std::int64_t payments = 0, cents = 0;

  friend auto operator<=>(const total&, const total&) = default;
};
BOOST_DESCRIBE_STRUCT(total, (), (card, payments, cents))

constexpr timestamp at(std::int64_t seconds) { return from_millis(seconds * 1'000); }

std::ostream& operator<<(std::ostream& out, const total& t) {
  return out << t.card << ": " << t.payments << " of " << t.cents;
}

/// Totals of each card and minute.
job card_totals() {
  job j{"totals"};
  j.source(input<payment>("payments").event_time(&payment::at))
    .filter([](const payment& p) { return p.cents > 0; })
    .key_by(&payment::card)
    .window(tumbling(1min))
    .aggregate<total>(key, count, sum(&payment::cents))
    .named("minutes")
    .sink(output<total>("totals"));
  return j;
}

using totals = std::vector<total>;

} // namespace

TEST_CASE("records and watermarks go in, rows come out") {
  test_run run{card_totals()};
  auto payments = run.input<payment>("payments");
  auto rows = run.output<total>("totals");
  payments.push({"4711", 500}, at(1));
  payments.push({"4711", 0}, at(2));
  payments.push({"4711", 700}, at(59));
  payments.watermark(at(59));
  CHECK(rows.take().empty());
  payments.watermark(at(60));
  CHECK(rows.take() == totals{{"4711", 2, 1'200}});
  CHECK(rows.take().empty());
}

TEST_CASE("event times are read from records as the source does") {
  test_run run{card_totals()};
  auto payments = run.input<payment>("payments");
  payments.push({"4711", 500, at(70)});
  run.finish();
  const auto rows = run.output<total>("totals").take_timed();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].record == total{"4711", 1, 500});
  CHECK(rows[0].time == at(120) - 1ms);
}
