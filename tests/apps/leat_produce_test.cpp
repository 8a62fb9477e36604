#include "../support/servers/kafka_proxy.hpp"

#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/tests/apps/leat_kafka_fixture.hpp>
#include <leat/tests/support/process.hpp>
#include <leat/tests/support/wait_until.hpp>

#include <catch2/catch.hpp>

#include <csignal>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

TEST_CASE("what produce is asked for is checked before a broker is asked") {
  const auto refused = [](std::vector<std::string> arguments, const std::string& why) {
    arguments.insert(arguments.begin(), {"produce", "t", "/dev/null", "--brokers", "nobody:1"});
    const auto result = leat_fixture{}.leat(arguments);
    CHECK(result.exit == 2);
    CHECK_THAT(result.err, Contains(why));
  };
  refused({"--rate", "0"}, "--rate: a number of records above 0");
  refused({"--acks", "2"}, "--acks 2: expected 0|1|all");
  refused({"--compression", "zip"}, "--compression zip: expected none|gzip|snappy|lz4|zstd");
  refused({"--format", "xml"}, "--format xml: expected text|json|csv");
  refused({"--format", "text", "--key-field", "a"}, "text has no members");
  refused({"--format", "csv", "--key-separator", ":"}, "--key-separator is for text");
  refused({"--header", "x"}, "'x' is not a header: write NAME=VALUE");
  refused({"--partition", "-1"}, "--partition: a number from 0 on");
  refused({"--set", "kafka.producer-properties.acks=1"}, "kafka.producer-properties.acks");
}

TEST_CASE_METHOD(
  leat_kafka_fixture, "lines are sent with keys and headers, bad ones are told and nothing is lost", "[.real]") {
  const auto name = topic("tools");
  const auto result = leat(
    {"produce", name, file("in", "{\"u\":\"a\",\"n\":1}\nno\n\n{\"u\":\"b\"}\n"), "--key-field", "u", "--header", "h=1",
     "--header", "h=2", "--compression", "zstd", "--json"});
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, Contains("leat: line 2: no JSON"));
  CHECK_THAT(result.out, Contains(R"({"sent":2,"failed":0,"bad_lines":1,)") && Contains("\"p99\":"));
  const auto found = output({"consume", name, "--json"});
  CHECK_THAT(
    found,
    Contains(R"("key":"a","value":"{\"u\":\"a\",\"n\":1}","headers":[{"name":"h","value":"1"},{"name":"h","value":"2"}])"));
  CHECK_THAT(found, Contains(R"("key":"b","value":"{\"u\":\"b\"}")"));
}

TEST_CASE_METHOD(leat_kafka_fixture, "what is sent is as it was: tombstones, empty values, bytes", "[.real]") {
  const auto name = topic("tools");
  const auto result =
    leat({"produce", name, file("in", "a:NULL\nb:\nc:\xff\x01\n"), "--key-separator", ":", "--null", "NULL"});
  CHECK(result.exit == 0);
  CHECK_THAT(result.err, Contains("leat: 3 sent, 0 failed, 0 bad lines"));
  const auto records = read_topic(brokers, name);
  REQUIRE(records.size() == 3);
  CHECK(records[0].payload == std::nullopt);
  CHECK(records[1].payload == "");
  CHECK(records[2].payload == "\xff\x01");
  CHECK(records[2].key == "c");
}

TEST_CASE_METHOD(leat_kafka_fixture, "a record that Kafka refuses is told with its line, the others are sent", "[.real]") {
  const auto name = fresh_topic("tools");
  output({"topics", "create", name, "max.message.bytes=1000"});
  const auto result = leat({"produce", name, file("in", "a\n" + std::string(5000, 'x') + "\nb\n")});
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, Contains("line 2 was not sent: larger than the topic takes"));
  CHECK(output({"consume", name, "--raw"}) == "a\nb\n");
}

TEST_CASE_METHOD(leat_kafka_fixture, "a topic that is not there, or may not be written, is told with advice", "[.real]") {
  const auto name = topic("tools");
  const auto missing = leat({"produce", name + "x", "/dev/null"});
  CHECK(missing.exit == 1);
  CHECK_THAT(missing.err, Contains("Did you mean " + name + "?"));
  kafka_server::shared().allow("guest", {"Read", "Describe"}, name);
  const auto forbidden = leat(logged_in({"produce", name, file("in", "a\n")}, "guest"));
  CHECK(forbidden.exit == 1);
  CHECK_THAT(forbidden.err, Contains("line 1 was not sent") && Contains("grant the user of kafka.properties"));
  CHECK_THAT(leat({"produce", name, "/dev/null", "--partition", "1"}).err, Contains("has 1 partitions, from 0 on"));
}

TEST_CASE_METHOD(leat_kafka_fixture, "Ctrl-C ends what goes on and on, with counters and everything sent", "[.real]") {
  const auto name = topic("tools");
  const auto log = folder.path("log");
  const auto text = [&] { return folder.text("log"); };
  std::string lines;
  for (int i = 0; i < 1'000'000; ++i)
    lines += "y\n";
  process feeding{
    {LEAT_COMMAND, "produce", name, file("in", lines), "--rate", "200", "--brokers", brokers}, folder.path("sent")};
  process following{{LEAT_COMMAND, "consume", name, "--follow", "--json", "--brokers", brokers}, log};
  wait_until(
    "records", 30s, [&] { return text().find("\"offset\":20,") != std::string::npos; }, 20ms, text);
  following.signal(SIGINT);
  CHECK(following.wait() == 0);
  CHECK_THAT(text(), Contains(" records\n"));
  process watching{{LEAT_COMMAND, "lag", "--watch", "--every", "10ms", "--brokers", brokers}, folder.path("watched")};
  wait_until("a look", 30s, [&] { return folder.text("watched").find("GROUP") != std::string::npos; });
  watching.signal(SIGTERM);
  CHECK(watching.wait() == 0);
  CHECK_THAT(folder.text("watched"), Contains("leat: ended after "));
  feeding.signal(SIGINT);
  CHECK(feeding.wait() == 0);
  CHECK_THAT(folder.text("sent"), Contains("leat: ended behind line") && Contains(" 0 failed, 0 bad lines"));
}

TEST_CASE_METHOD(
  leat_kafka_fixture, "Ctrl-C ends sending to a broker that is silent, though the queue is full, and tells each line",
  "[.real]") {
  constexpr std::int16_t produce = 0;
  const auto& kafka = kafka_server::shared();
  kafka_proxy proxy{kafka.proxy_port(), kafka.proxied_port()};
  proxy.delay_answer_to(produce);
  process sending{
    {LEAT_COMMAND, "produce", topic("tools"), file("in", "a\nb\nc\n"), "--set",
     "kafka.producer-properties.queue.buffering.max.messages=1", "--brokers", kafka.proxied_brokers()},
    folder.path("sent")};
  const auto said = [&] { return folder.text("sent"); };
  wait_until(
    "a record under way", 30s, [&] { return proxy.delays(); }, 20ms, said);
  sending.signal(SIGINT);
  wait_until(
    "its end", 20s, [&] { return !sending.running(); }, 20ms, said);
  CHECK(sending.wait() == 1);
  CHECK_THAT(said(), Contains("line 1 was not sent: not acknowledged when it ended; it may be in the topic"));
  CHECK_THAT(said(), Contains("line 2 was not sent: not sent when it ended") && Contains("0 sent, 2 failed"));
}
