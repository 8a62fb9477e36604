#include <leat/apps/fraud_alerts/demo/demo.hpp>
#include <leat/apps/fraud_alerts/rules.hpp>
#include <leat/pipeline/startup.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::fraud;

namespace {

launch launched(const std::vector<std::string>& arguments) {
  return plan_launch(demo_parser(), demo_defaults(), arguments, {});
}

rules configured(const std::vector<std::string>& overrides) {
  std::vector<std::string> arguments;
  for (const auto& o : overrides)
    arguments.insert(arguments.end(), {"--set", o});
  const auto start = launched(arguments);
  REQUIRE(start.complaint == "");
  return rules_from(start.config);
}

} // namespace

TEST_CASE("the defaults are the rules as the program declares them") {
  const auto configured_rules = configured({});
  const rules declared;
  CHECK(configured_rules.large_amount.limit == declared.large_amount.limit);
  CHECK(configured_rules.rate.window == declared.rate.window);
  CHECK(configured_rules.rate.slide == declared.rate.slide);
  CHECK(configured_rules.rate.limit == declared.rate.limit);
  CHECK(configured_rules.spending.window == declared.spending.window);
  CHECK(configured_rules.spending.limit == declared.spending.limit);
  CHECK(configured_rules.country_change.window == declared.country_change.window);
  CHECK(configured_rules.small_then_large.small == declared.small_then_large.small);
  CHECK(configured_rules.small_then_large.large == declared.small_then_large.large);
  CHECK(configured_rules.small_then_large.window == declared.small_then_large.window);
}

TEST_CASE("every limit and switch can be configured") {
  const auto r = configured(
    {"rules.large-amount.limit=99.5", "rules.rate.enabled=false", "rules.rate.window=2min", "rules.rate.slide=30s",
     "rules.rate.limit=7", "rules.spending.window=1h", "rules.spending.limit=12", "rules.country-change.enabled=false",
     "rules.country-change.window=90s", "rules.small-then-large.enabled=false", "rules.small-then-large.small=0.5",
     "rules.small-then-large.large=75", "rules.small-then-large.window=20s"});
  CHECK(r.large_amount.limit == 99.5);
  CHECK_FALSE(r.rate.enabled);
  CHECK(r.rate.window == 2min);
  CHECK(r.rate.slide == 30s);
  CHECK(r.rate.limit == 7);
  CHECK(r.spending.window == 1h);
  CHECK(r.spending.limit == 12);
  CHECK_FALSE(r.country_change.enabled);
  CHECK(r.country_change.window == 90s);
  CHECK_FALSE(r.small_then_large.enabled);
  CHECK(r.small_then_large.small == 0.5);
  CHECK(r.small_then_large.large == 75);
  CHECK(r.small_then_large.window == 20s);
}

TEST_CASE("a limit of the wrong type or range is refused with its key, before anything starts") {
  for (const auto wrong :
       {"rules.large-amount.limit=lots", "rules.rate.limit=2.5", "rules.rate.limit=0", "rules.spending.limit=-1",
        "rules.rate.window=60", "rules.country-change.window=0s", "rules.small-then-large.small=0",
        "rules.spending.enabled=yes", "time.out-of-orderness=-5s"}) {
    const auto start = launched({"--set", wrong});
    CHECK(start.exit == exit_usage);
    CHECK_THAT(start.complaint, Catch::Contains(std::string{wrong}.substr(0, std::string{wrong}.find('='))));
  }
}

TEST_CASE("an unknown rule is refused with the nearest one") {
  const auto start = launched({"--set", "rules.large-amounts.limit=5"});
  CHECK(start.exit == exit_usage);
  CHECK_THAT(start.complaint, Catch::Contains("rules.large-amount.limit"));
}

TEST_CASE("windows that begin at other times than slides are refused") {
  CHECK_THROWS_WITH(
    configured({"rules.rate.window=1min", "rules.rate.slide=25s"}),
    Catch::Contains("rules.rate.slide") && Catch::Contains("1min") && Catch::Contains("25s"));
}

TEST_CASE("amounts that would be small and large at once are refused") {
  CHECK_THROWS_WITH(
    configured({"rules.small-then-large.small=20", "rules.small-then-large.large=10"}),
    Catch::Contains("rules.small-then-large.small") && Catch::Contains("rules.small-then-large.large (10)"));
}

TEST_CASE("a configuration that looks for nothing is refused") {
  CHECK_THROWS_WITH(
    configured(
      {"rules.large-amount.enabled=false", "rules.rate.enabled=false", "rules.spending.enabled=false",
       "rules.country-change.enabled=false", "rules.small-then-large.enabled=false"}),
    Catch::Contains("no rule is enabled"));
}

TEST_CASE("every setting of fraud-alerts and of its demo has a line in --help") {
  std::vector<embedded_file> files{embedded::defaults};
  files.insert(files.end(), demo_defaults().begin(), demo_defaults().end());
  const known_settings all{files};
  for (const auto& known : all.all()) {
    INFO(known.key);
    CHECK(known.summary != "");
  }
}
