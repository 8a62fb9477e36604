#include <leat/apps/fraud_alerts/find_fraud.hpp>

#include <leat/actors/running_job.hpp>
#include <leat/pipeline/job.hpp>
#include <leat/tests/apps/expected_alerts.hpp>
#include <leat/tests/support/memory_connectors.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <random>

using namespace leat;
using namespace leat::fraud;
using namespace leat::testing;

namespace {

using transactions = std::vector<transaction>;

/// As they may arrive: each up to four seconds after its time.
transactions shuffled(const transactions& in_order) {
  std::mt19937 random{11};
  std::vector<std::pair<timestamp, std::size_t>> arrivals;
  for (std::size_t i = 0; i < in_order.size(); ++i)
    arrivals.emplace_back(in_order[i].timestamp + duration{random() % 4000}, i);
  std::sort(arrivals.begin(), arrivals.end());
  transactions out;
  for (const auto& [when, i] : arrivals)
    out.push_back(in_order[i]);
  return out;
}

/// What the pipeline makes of `in`, which is dealt out to three partitions.
std::vector<alert> find(const transactions& in, const rules& what, std::uint32_t shards = 2) {
  std::vector<transactions> partitions(3);
  for (std::size_t i = 0; i < in.size(); ++i)
    partitions[i % 3].push_back(in[i]);
  const auto log = std::make_shared<memory_log<transaction>>(std::move(partitions));
  const auto rows = std::make_shared<memory_rows<alert>>();
  job j{"fraud"};
  find_fraud(j.source(from_memory<transaction>{log, [](const transaction& t) { return t.timestamp; }, 5s}), what)
    .sink(to_memory<alert>{rows});
  settings none;
  metrics registry;
  run_options options;
  options.threads = 2;
  options.parallelism = shards;
  options.bounded = true;
  running_job running{j.plan(), options, none, registry};
  REQUIRE(running.wait().reason.empty());
  CHECK(registry.sum("late_records") == 0);
  return rows->all();
}

std::string differences(const std::vector<alert>& found, const std::vector<alert>& expected) {
  return row_differences(alert_rows(found), alert_rows(expected));
}

std::int64_t count_of(const std::vector<alert>& alerts, std::string_view rule) {
  return std::count_if(alerts.begin(), alerts.end(), [&](const alert& a) { return a.rule == rule; });
}

transaction ann_pays(double amount, std::int64_t second) {
  return {"t", "ann", amount, "Corner Bakery", "DE", from_millis(1'700'000'400'000 + second * 1000)};
}

/// The details of the alerts of one rule alone.
std::vector<std::string> details(const transactions& in, const rules& what) {
  std::vector<std::string> all;
  for (const auto& a : find(in, what))
    all.push_back(a.detail);
  return all;
}

using rule_switch = bool& (*)(rules&);

/// How each rule is switched off, by its name.
std::map<std::string_view, rule_switch> switches() {
  return {
    {large_amount_name, [](rules& r) -> bool& { return r.large_amount.enabled; }},
    {rate_name, [](rules& r) -> bool& { return r.rate.enabled; }},
    {spending_name, [](rules& r) -> bool& { return r.spending.enabled; }},
    {country_change_name, [](rules& r) -> bool& { return r.country_change.enabled; }},
    {small_then_large_name, [](rules& r) -> bool& { return r.small_then_large.enabled; }},
  };
}

/// With all of them off.
rules no_rules() {
  rules what;
  for (const auto& [name, off] : switches())
    off(what) = false;
  return what;
}

} // namespace

TEST_CASE("the alerts are those of plain loops, with any number of shards") {
  const auto all = dense_transactions(20'000, 1);
  const auto expected = expected_alerts(strict_rules(), all);
  for (const auto rule : {"large-amount", "rate", "spending", "country-change", "small-then-large"})
    REQUIRE(count_of(expected, rule) > 50);
  for (const auto shards : {1U, 2U, 7U})
    CHECK(differences(find(all, strict_rules(), shards), expected) == "");
}

TEST_CASE("the alerts do not depend on the order of arrival") {
  const auto all = dense_transactions(20'000, 2);
  const auto disordered = shuffled(all);
  REQUIRE_FALSE(
    std::is_sorted(disordered.begin(), disordered.end(), [](auto& a, auto& b) { return a.timestamp < b.timestamp; }));
  for (const auto shards : {1U, 2U, 7U})
    CHECK(differences(find(disordered, strict_rules(), shards), expected_alerts(strict_rules(), all)) == "");
}

TEST_CASE("windows of other lengths and slides give the alerts of plain loops") {
  const auto all = dense_transactions(10'000, 3);
  for (const auto& [window, slide] : {std::pair<duration, duration>{1min, 1min}, {1min, 1s}, {30s, 15s}, {1h, 20min}}) {
    auto what = strict_rules();
    what.rate = {true, window, slide, std::max<std::int64_t>(1, window / duration{20s})};
    what.spending.window = window;
    what.spending.limit = 300;
    CHECK(differences(find(all, what), expected_alerts(what, all)) == "");
  }
}

TEST_CASE("a rule that is off raises no alert and changes nothing of the others") {
  const auto all = dense_transactions(5'000, 4);
  for (const auto& [name, off] : switches()) {
    auto what = strict_rules();
    off(what) = false;
    const auto found = find(all, what);
    CHECK(count_of(found, name) == 0);
    CHECK(differences(found, expected_alerts(what, all)) == "");
  }
}

TEST_CASE("with all rules off there is no pipeline") {
  CHECK_THROWS_WITH(find({}, no_rules()), Catch::Contains("no rule is enabled"));
}

TEST_CASE("an amount, a count and a sum of exactly the limit raise nothing") {
  auto what = no_rules();
  what.large_amount = {true, 100};
  what.rate = {true, 1min, 10s, 3};
  what.spending = {true, 10min, 300};
  const transactions at_limits{ann_pays(100, 0), ann_pays(100, 1), ann_pays(100, 2)};
  CHECK(find(at_limits, what).empty());
  auto above = at_limits;
  above.push_back(ann_pays(0.01, 3));
  CHECK(find(above, what).size() == 2); // rate and spending
}

TEST_CASE("one burst raises one alert although it is above the limit in several windows") {
  auto what = no_rules();
  what.rate = {true, 1min, 10s, 3};
  transactions burst;
  for (int i = 0; i < 20; ++i)
    burst.push_back(ann_pays(1, 2 * i));
  CHECK(details(burst, what) == std::vector<std::string>{"5 transactions within 1min"});
}

TEST_CASE("a burst after a pause raises an alert again") {
  auto what = no_rules();
  what.rate = {true, 1min, 10s, 3};
  transactions bursts;
  for (const auto second : {0, 1, 2, 3, 300, 301, 302, 303})
    bursts.push_back(ann_pays(1, second));
  CHECK(details(bursts, what).size() == 2);
}

TEST_CASE("ten times ten cents are one unit, and refunds do not make room for more spending") {
  auto what = no_rules();
  what.spending = {true, 10min, 1};
  transactions dimes(10, ann_pays(0.1, 0));
  CHECK(details(dimes, what).empty());
  dimes.push_back(ann_pays(-500, 1));
  dimes.push_back(ann_pays(0.01, 2));
  CHECK(details(dimes, what) == std::vector<std::string>{"1.01 spent within 10min"});
}

TEST_CASE("the alert of a large amount says where and when it was paid") {
  auto what = no_rules();
  what.large_amount = {true, 100};
  CHECK(
    details({ann_pays(100.5, 0)}, what) ==
    std::vector<std::string>{"100.50 at Corner Bakery, DE, on 2023-11-14T22:20:00.000Z"});
}
