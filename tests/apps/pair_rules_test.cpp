#include <leat/tests/apps/pair_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::fraud;
using namespace leat::testing;

namespace {

const country_change other_country{country_change_rule{}};
const small_then_large card_test{small_then_large_rule{}};

/// What the rule says about transactions of one user.
template <class Rule>
story alerts(Rule rule, const std::vector<transaction>& all) {
  pair_fixture<Rule> f{rule};
  f.arrive(all);
  f.end();
  return f.alerts();
}

transaction in(const char* country, const char* id, std::int64_t second) { return paid(id, second * 1000, country, 10); }
transaction of(double amount, const char* id, std::int64_t second) { return paid(id, second * 1000, "DE", amount); }

} // namespace

TEST_CASE("another country within five minutes raises an alert, and a millisecond later none") {
  CHECK(alerts(other_country, {in("DE", "t1", 0), in("FR", "t2", 300)}) == story{"t2: DE, then FR after 300.0 s@300000"});
  auto too_late = in("FR", "t2", 300);
  too_late.timestamp += 1ms;
  CHECK(alerts(other_country, {in("DE", "t1", 0), too_late}).empty());
}

TEST_CASE("each change of the country raises an alert, and staying where one is none") {
  CHECK(
    alerts(other_country, {in("DE", "t1", 0), in("FR", "t2", 10), in("FR", "t3", 20), in("DE", "t4", 30)}) ==
    story{"t2: DE, then FR after 10.0 s@10000", "t4: FR, then DE after 10.0 s@30000"});
}

TEST_CASE("a transaction without a country is no change, and hides none") {
  CHECK(
    alerts(other_country, {in("DE", "t1", 0), in("", "t2", 10), in("FR", "t3", 20)}) ==
    story{"t3: DE, then FR after 20.0 s@20000"});
}

TEST_CASE("users do not change each other's country") {
  auto of_bob = in("FR", "t2", 10);
  of_bob.user_id = "bob";
  CHECK(alerts(other_country, {in("DE", "t1", 0), of_bob, in("DE", "t3", 20)}).empty());
}

TEST_CASE("the alert of a country change holds both times, the seconds between them and the window") {
  const auto a = other_country.raise(in("DE", "t1", 10), in("FR", "t2", 40));
  CHECK(a.rule == "country-change");
  CHECK(a.user_id == "ann");
  CHECK(a.transaction_id == "t2");
  CHECK(a.window_start == from_millis(10'000));
  CHECK(a.window_end == from_millis(40'001));
  CHECK(a.observed == 30);
  CHECK(a.limit == 300);
}

TEST_CASE("a large amount within a minute of a very small one raises an alert, and a millisecond later none") {
  CHECK(alerts(card_test, {of(0.99, "t1", 0), of(500.01, "t2", 60)}) == story{"t2: 0.99, then 500.01 after 60.0 s@60000"});
  auto too_late = of(500.01, "t2", 60);
  too_late.timestamp += 1ms;
  CHECK(alerts(card_test, {of(0.99, "t1", 0), too_late}).empty());
}

TEST_CASE("amounts of exactly the limits are neither very small nor large") {
  CHECK(alerts(card_test, {of(1, "t1", 0), of(900, "t2", 1)}).empty());
  CHECK(alerts(card_test, {of(0.5, "t1", 0), of(500, "t2", 1)}).empty());
}

TEST_CASE("a large amount and then a very small one raise nothing") {
  CHECK(alerts(card_test, {of(900, "t1", 0), of(0.5, "t2", 1)}).empty());
}

TEST_CASE("a transaction of zero is very small, and a refund is not") {
  CHECK(alerts(card_test, {of(0, "t1", 0), of(900, "t2", 1)}).size() == 1);
  CHECK(alerts(card_test, {of(-0.5, "t1", 0), of(900, "t2", 1)}).empty());
}

TEST_CASE("what is paid between the very small and the large amount changes nothing") {
  CHECK(
    alerts(card_test, {of(0.5, "t1", 0), of(20, "t2", 10), of(900, "t3", 20)}) ==
    story{"t3: 0.50, then 900.00 after 20.0 s@20000"});
}

TEST_CASE("each large amount raises an alert, with the last very small one before it") {
  CHECK(
    alerts(card_test, {of(0.5, "t1", 0), of(0.25, "t2", 10), of(700, "t3", 20), of(900, "t4", 30)}) ==
    story{"t3: 0.25, then 700.00 after 10.0 s@20000", "t4: 0.25, then 900.00 after 20.0 s@30000"});
}

TEST_CASE("the alert of a large amount after a small one holds both times, the large amount and its limit") {
  const auto a = card_test.raise(of(0.5, "t1", 10), of(900, "t2", 40));
  CHECK(a.rule == "small-then-large");
  CHECK(a.user_id == "ann");
  CHECK(a.transaction_id == "t2");
  CHECK(a.window_start == from_millis(10'000));
  CHECK(a.window_end == from_millis(40'001));
  CHECK(a.observed == 900);
  CHECK(a.limit == 500);
}
