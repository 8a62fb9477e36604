#include <leat/apps/fraud_alerts/demo/demo.hpp>

#include <leat/base/error.hpp>
#include <leat/tests/apps/printed_text.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace leat;
using namespace leat::fraud;
using namespace leat::testing;
using Catch::Contains;

namespace {

struct demo_run {
  int code = -1;
  std::string text;
};

demo_run run(
  std::vector<std::string> arguments, const std::function<bool()>& interrupted = [] { return false; }) {
  arguments.insert(arguments.end(), {"--seed", "3"});
  const auto start = plan_launch(demo_parser(), demo_defaults(), arguments, {});
  REQUIRE(start.complaint == "");
  printed_text out;
  const auto code = run_demo(start, out.to(), false, interrupted);
  return {code, out.text()};
}

} // namespace

TEST_CASE("the demo finds all its frauds through an embedded Kafka, and nothing else") {
  const auto result = run({"--events", "20000", "--rate", "0"});
  INFO(result.text);
  CHECK(result.code == exit_done);
  CHECK_THAT(result.text, Contains("20000 transactions") && Contains("15 frauds") && Contains("an embedded Kafka"));
  for (const auto rule : {"large-amount", "rate", "spending", "country-change", "small-then-large"})
    CHECK_THAT(result.text, Contains(fmt::format("  {:<18}{:>8}{:>10}{:>8}{:>8}", rule, 3, 3, 3, "100%")));
  CHECK_THAT(result.text, Contains(fmt::format("  {:<18}{:>8}{:>10}{:>8}{:>8}", "all", 15, 15, 15, "100%")));
  CHECK_THAT(result.text, Contains("false alerts  0") && Contains("late events   0"));
}

TEST_CASE("the demo runs with the rules of its configuration") {
  const auto result = run(
    {"--events", "2000", "--rate", "0", "--set", "rules.rate.enabled=false", "--set", "rules.spending.enabled=false",
     "--set", "rules.large-amount.limit=800", "--set", "rules.country-change.enabled=false", "--set",
     "rules.small-then-large.large=700"});
  INFO(result.text);
  CHECK(result.code == exit_done);
  CHECK_THAT(result.text, Contains("limit 800") && Contains("limit 700"));
  CHECK_THAT(result.text, !Contains("rate  ") && !Contains("spending  ") && !Contains("country-change  "));
}

TEST_CASE("a demo that is interrupted finishes what it has fed and judges that alone") {
  int asked = 0;
  const auto result = run({"--events", "10000000", "--rate", "20000"}, [&] { return ++asked > 20; });
  INFO(result.text);
  CHECK(result.code == exit_done);
  CHECK_THAT(result.text, Contains("stopped after"));
}

TEST_CASE("the demo uses brokers wherever they are named, and an embedded one when nobody names any") {
  const auto names = [](const std::vector<std::string>& arguments, const std::string& variable = {}) {
    std::vector<std::pair<std::string, std::string>> environment;
    if (!variable.empty())
      environment.emplace_back("LEAT_KAFKA_BROKERS", variable);
    return names_brokers(plan_launch(demo_parser(), demo_defaults(), arguments, environment).config);
  };
  CHECK_FALSE(names({}));
  CHECK_FALSE(names({"--set", "kafka.group=mine"}));
  CHECK(names({"--brokers", "kafka:9092"}));
  CHECK(names({"--set", "kafka.brokers=127.0.0.1:9092"})); // the default, but said
  CHECK(names({}, "kafka:9092"));
  const auto file = std::filesystem::temp_directory_path() / ("leat-demo-test-" + std::to_string(getpid()) + ".yaml");
  std::ofstream{file} << "kafka: {brokers: 'kafka:9092'}\n";
  CHECK(names({"--config", file.string()}));
  std::filesystem::remove(file);
}

TEST_CASE("the demo refuses --bounded, which is for the service") {
  CHECK_THROWS_AS(run({"--events", "2000", "--bounded"}), config_error);
}
