#include <leat/tests/apps/leat_kafka_fixture.hpp>

#include <leat/apps/leat/kafka/topic_wish.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

TEST_CASE("a topic differs in what was asked for, and in nothing else") {
  const topic_facts there{"t", {{0, 1, {1, 2}}, {1, 1, {1}}}};
  const std::vector<topic_setting> settings{{"cleanup.policy", "delete", false}, {"secret", std::nullopt, true}};
  CHECK(cli::differences({}, there, settings).empty());
  CHECK(cli::differences({2, 1, {{"cleanup.policy", "delete"}}}, there, settings).empty());
  CHECK(
    cli::differences({3, 2, {{"cleanup.policy", "compact"}, {"other", "1"}, {"secret", "x"}}}, there, settings) ==
    std::vector<std::string>{
      "2 partitions, not 3", "1 copies of each record, not 2", "cleanup.policy=delete, not compact", "no setting other",
      "secret=(a secret), not x"});
}

TEST_CASE("what topics are made of is checked before a broker is asked") {
  const auto refused = [](std::vector<std::string> arguments, const std::string& why) {
    arguments.insert(arguments.end(), {"--set", "kafka.brokers=nobody:1"});
    const auto result = leat_fixture{}.leat(arguments);
    CHECK(result.exit == 2);
    CHECK_THAT(result.err, Contains(why));
  };
  refused({"topics", "create", "t", "--partitions", "0"}, "a topic has at least one");
  refused({"topics", "create", "t", "--partitions", "x"}, "--partitions: ");
  refused({"topics", "create", "t", "--replication", "0"}, "at least one copy");
  refused({"topics", "create", "t", "=1"}, "'=1' is not a setting of a topic: write NAME=VALUE");
  refused({"topics", "alter", "t"}, "what is to be altered?");
  refused({"topics", "alter", "t", "--replication", "2"}, "unknown option --replication");
  refused({"topics", "list", "t"}, "leat topics list takes options only");
  refused({"topics", "creat", "t"}, "did you mean 'topics create'?");
}

TEST_CASE_METHOD(leat_kafka_fixture, "an equal topic is fine, of another one it is said how it differs", "[.real]") {
  const auto name = fresh_topic("tools");
  CHECK_THAT(output({"topics", "create", name, "--partitions", "3", "retention.ms=5000"}), Contains("created"));
  CHECK_THAT(output({"topics", "create", name, "--partitions", "3", "retention.ms=5000"}), Contains("there already"));
  CHECK_THAT(output({"topics", "create", name}), Contains("there already"));
  const auto other = leat({"topics", "create", name, "--partitions", "4", "retention.ms=6000"});
  CHECK(other.exit == 1);
  CHECK_THAT(other.err, Contains("3 partitions, not 4; retention.ms=5000, not 6000"));
}

TEST_CASE_METHOD(leat_kafka_fixture, "one setting is changed, the others stay as they are", "[.real]") {
  const auto name = fresh_topic("tools");
  output({"topics", "create", name, "retention.ms=5000", "segment.ms=7000"});
  output({"topics", "alter", name, "retention.ms=6000", "--partitions", "2"});
  const auto changed = output({"topics", "describe", name, "--json"});
  CHECK_THAT(changed, Contains(R"({"name":"retention.ms","value":"6000","own":true})"));
  CHECK_THAT(changed, Contains(R"({"name":"segment.ms","value":"7000","own":true})"));
  CHECK_THAT(changed, Contains(R"("partition":1)"));
  output({"topics", "alter", name, "retention.ms="});
  CHECK_THAT(output({"topics", "describe", name}), !Contains("retention.ms") && Contains("segment.ms  7000"));
  CHECK_THAT(output({"topics", "describe", name, "--all"}), Contains("retention.ms"));
  const auto fewer = leat({"topics", "alter", name, "--partitions", "1"});
  CHECK(fewer.exit == 2);
  CHECK_THAT(fewer.err, Contains("has 2 partitions: Kafka takes none away"));
  CHECK_THAT(leat({"topics", "alter", name, "retention.m=1"}).err, Contains("did you mean retention.ms?"));
}

TEST_CASE_METHOD(leat_kafka_fixture, "topics are deleted when all of them are there", "[.real]") {
  const auto first = topic("tools"), second = topic("tools");
  const auto wrong = leat({"topics", "delete", first, second + "x"});
  CHECK(wrong.exit == 1);
  CHECK_THAT(wrong.err, Contains("Did you mean " + second + "?"));
  CHECK_THAT(output({"topics", "list", "--json"}), Contains(R"({"topic":")" + first + R"(","partitions":1)"));
  output({"topics", "delete", first, second});
  CHECK_THAT(output({"topics", "list", "--all"}), !Contains(first) && !Contains(second));
}

TEST_CASE_METHOD(leat_kafka_fixture, "who may not create topics is told which permission is missing", "[.real]") {
  const auto result = leat(logged_in({"topics", "create", fresh_topic("tools")}, "guest"));
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, Contains("uthorization failed") && Contains("grant the user of kafka.properties"));
}
