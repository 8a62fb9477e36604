#include "pipes.hpp"

#include <catch2/catch.hpp>

#include <regex>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

/// The demo on the shared broker.
job_process demo(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"demo", "--brokers", brokers(), "--seed", "3", "--rate", "10000"});
  return {LEAT_FRAUD_ALERTS, arguments};
}

/// The name of the demo's topic with this ending, from what it has said.
std::string topic_of(const job_process& of, const std::string& ending) {
  std::smatch found;
  const auto log = of.log();
  return std::regex_search(log, found, std::regex{"leat-demo-[0-9a-f]+-[0-9a-f]+-" + ending}) ? found.str() : "";
}

} // namespace

TEST_CASE("the demo finds all its frauds on a real Kafka, and leaves no topic behind") {
  auto run = demo({"--events", "20000"});
  run.wait_for_log("deleted at the end");
  const auto input = topic_of(run, "transactions");
  const auto output = topic_of(run, "alerts");
  kafka_admin admin{brokers()};
  REQUIRE(admin.partitions(input) == 4);
  REQUIRE(admin.create_topic({.name = output + "-dlq", .partitions = 1, .replication = 1, .configs = {}}));
  CHECK(run.wait_exit() == 0);
  CHECK_THAT(run.log(), Contains("all                     15        15      15    100%") && Contains("false alerts  0"));
  for (const auto& topic : {input, output, input + "-dlq", output + "-dlq"})
    CHECK_FALSE(admin.partitions(topic));
}

TEST_CASE("a demo that cannot create its second topic takes the first away again") {
  auto run = demo({"--set", "topics.output=no/topic"});
  CHECK(run.wait_exit() == 1);
  CHECK_THAT(run.log(), Contains("cannot create topic"));
  const auto input = topic_of(run, "").append("transactions");
  CHECK_THAT(input, Contains("leat-demo-"));
  CHECK_FALSE(kafka_admin{brokers()}.partitions(input));
}
