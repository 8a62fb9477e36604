#include <leat/apps/examples/card_testing.hpp>
#include <leat/testing.hpp>

#include <catch2/catch.hpp>

using namespace leat::testing;

TEST_CASE("a large payment right after a small one is suspicious") {
  test_run run{card_testing()};
  auto payments = run.input<payment>("payments");
  payments.push({"4711", 0.5, second(0)});
  payments.push({"0815", 700, second(30)}); // another card
  payments.push({"4711", 700, second(59)});

  const auto found = run.output<suspicion>("suspicions").take();
  REQUIRE(found.size() == 1);
  CHECK(found[0].card == "4711");
  CHECK(found[0].small == 0.5);
  CHECK(found[0].large == 700);
}

TEST_CASE("a small payment is forgotten when its minute is over") {
  test_run run{card_testing()};
  auto payments = run.input<payment>("payments");
  payments.push({"4711", 0.5, second(0)});
  payments.watermark(second(59));
  CHECK(run.metric("state_entries", "find") == 1);
  payments.watermark(second(60));
  CHECK(run.metric("state_entries", "find") == 0);
}

TEST_CASE("a second small payment begins a minute of its own") {
  test_run run{card_testing()};
  auto payments = run.input<payment>("payments");
  payments.push({"4711", 0.5, second(0)});
  payments.push({"4711", 0.2, second(40)});
  payments.watermark(second(60));
  payments.push({"4711", 700, second(90)});
  CHECK(run.output<suspicion>("suspicions").take().at(0).small == 0.2);
}
