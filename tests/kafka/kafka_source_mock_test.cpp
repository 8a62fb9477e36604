#include "../support/wait_until.hpp"
#include "kafka_fixture.hpp"

#include <leat/connectors/kafka/client_settings.hpp>
#include <leat/connectors/kafka/mock_cluster.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

/// A mock cluster with a topic "lines" of two partitions.
struct small_cluster : mock_cluster {
  small_cluster() { create_topic("lines", 2); }

  void feed(std::int32_t partition, const std::vector<std::string>& texts, std::optional<timestamp> time = {}) {
    kafka_feeder feeder{brokers()};
    for (const auto& text : texts)
      feeder.send("lines", "k", text, partition, time);
    feeder.flush();
  }
};

/// Reads on until a reader is caught up, or is not.
bool becomes_caught_up(source_under_test& from, std::int32_t partition, bool wanted, std::chrono::seconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (from.readers[partition]->caught_up() != wanted && std::chrono::steady_clock::now() < end)
    from.read_for(std::chrono::milliseconds{50});
  return from.readers[partition]->caught_up() == wanted;
}

} // namespace

TEST_CASE("a source reads every partition from the earliest record, each in order") {
  small_cluster kafka;
  kafka.feed(0, {"a1", "a2", "a3"});
  kafka.feed(1, {"b1"});
  source_under_test from{job_context{kafka.brokers()}, "lines", kafka_start::earliest()};
  from.start_reading();
  from.read(4);
  CHECK(from.sorted_lines() == std::vector<std::string>{"a1", "a2", "a3", "b1"});
  CHECK(from.readers[0]->position() == 3);
}

TEST_CASE("a source started at the latest record reads only what comes later") {
  small_cluster kafka;
  kafka.feed(0, {"old"});
  source_under_test from{job_context{kafka.brokers()}, "lines", kafka_start::latest()};
  from.start_reading();
  kafka.feed(0, {"new"});
  from.read(1);
  CHECK(from.lines == std::vector<std::string>{"new"});
}

TEST_CASE("a bounded source ends at what was the end when it was opened") {
  small_cluster kafka;
  kafka.feed(0, {"a1", "a2"});
  job_context context{kafka.brokers()};
  source_under_test from{context.bounded(), "lines", kafka_start::earliest()};
  kafka.feed(0, {"too late"});
  from.start_reading();
  CHECK(from.read_to_end());
  CHECK(from.lines == std::vector<std::string>{"a1", "a2"});
}

TEST_CASE("a bounded source ends at once where a partition is empty") {
  small_cluster kafka;
  job_context context{kafka.brokers()};
  source_under_test from{context.bounded(), "lines", kafka_start::earliest()};
  from.start_reading();
  const auto out = batch<line>::fresh();
  const auto rejected = batch<dead_letter>::fresh();
  CHECK(from.readers[0]->read(*out, *rejected) == read_status::ended);
}

TEST_CASE("Kafka's timestamp is the event time when nobody names another") {
  small_cluster kafka;
  const auto time = from_millis(1'700'000'000'123);
  kafka.feed(0, {"a"}, time);
  source_under_test from{job_context{kafka.brokers()}, "lines", kafka_start::earliest()};
  from.start_reading();
  from.read(1);
  CHECK(from.times == std::vector<timestamp>{time});
}

TEST_CASE("a record that cannot be decoded becomes a dead letter that says where it was and what it held") {
  small_cluster kafka;
  kafka.feed(1, {"good", "bad one"});
  source_under_test from{job_context{kafka.brokers()}, "lines", kafka_start::earliest()};
  from.start_reading();
  from.read(2);
  REQUIRE(from.letters.size() == 1);
  const auto& letter = from.letters[0];
  CHECK(letter.reason == "it says that it is bad");
  CHECK(letter.step == "lines");
  CHECK(letter.topic == "lines");
  CHECK(letter.partition == 1);
  CHECK(letter.offset == 1);
  CHECK(letter.key == "k");
  CHECK(letter.payload == "bad one");
}

TEST_CASE("a null value reaches the decoder as none, not as empty") {
  small_cluster kafka;
  kafka_feeder feeder{kafka.brokers()};
  feeder.send("lines", "k", std::nullopt, 0);
  feeder.send("lines", std::nullopt, "", 0);
  feeder.flush();
  source_under_test from{job_context{kafka.brokers()}, "lines", kafka_start::earliest()};
  from.start_reading();
  from.read(2);
  REQUIRE(from.letters.size() == 1);
  CHECK(from.letters[0].payload == std::nullopt);
  CHECK(from.lines == std::vector<std::string>{""});
}

TEST_CASE("a timestamp outside the believable range is rejected with a guess at the mistake") {
  small_cluster kafka;
  kafka.feed(0, {"good", "seconds"}, {});
  kafka.feed(0, {"seconds"}, from_millis(1'790'000'000));
  job_context context{kafka.brokers()};
  context.set("time.max-past", "3650d");
  source_under_test from{context, "lines", kafka_start::earliest()};
  from.start_reading();
  from.read(3);
  REQUIRE(from.letters.size() == 1);
  CHECK_THAT(from.letters[0].reason, Contains("1790000000") && Contains("seconds instead of milliseconds?"));
  CHECK(from.lines.size() == 2);
}

TEST_CASE("no batch holds more than its bounds allow, however large the records are") {
  small_cluster kafka;
  kafka.feed(0, std::vector<std::string>(20, std::string(100'000, 'x')));
  source_under_test from{job_context{kafka.brokers()}, "lines", kafka_start::earliest()};
  from.start_reading({"lines", 0});
  from.read(1);
  CHECK(from.count() <= 3); // the third passes 256 KB and closes the batch
  from.read(20);
  CHECK(from.count() == 20);
}

TEST_CASE("a source tells the bytes it has read of each partition, and a reader its lag") {
  small_cluster kafka;
  kafka.feed(1, {"12345", "bad"});
  job_context context{kafka.brokers()};
  source_under_test from{context, "lines", kafka_start::earliest()};
  from.start_reading();
  from.read(2);
  from.read_for(std::chrono::milliseconds{100});
  CHECK(context.counters().get("bytes_in", "lines", 1).value() == 5 + 3 + 2); // with two keys of one byte
  CHECK(from.readers[1]->lag() == 0);
}

TEST_CASE("an unknown Kafka property is refused with its place") {
  small_cluster kafka;
  job_context context{kafka.brokers()};
  context.set("kafka.properties.queud.min.messages", "5");
  CHECK_THAT(
    error_of([&] {
      source_under_test{context, "lines"};
    }),
    Contains("--set: kafka.properties.queud.min.messages") && Contains("No such configuration property"));
}

TEST_CASE("what a refused property was set to is not told: it may be a password") {
  small_cluster kafka;
  job_context context{kafka.brokers()};
  context.set("kafka.properties.sasl.pasword", "s3cret");
  CHECK_THAT(error_of([&] { source_under_test{context, "lines"}; }), Contains("sasl.pasword") && !Contains("s3cret"));
}

TEST_CASE("a property that Leat's guarantees depend on cannot be set") {
  small_cluster kafka;
  job_context context{kafka.brokers()};
  context.set("kafka.consumer-properties.auto.offset.reset", "latest");
  CHECK_THAT(
    error_of([&] {
      source_under_test{context, "lines"};
    }),
    Contains("auto.offset.reset cannot be set") && Contains("kafka.start"));
}

TEST_CASE("a group that is set past kafka.group is refused, and kafka.group is named") {
  small_cluster kafka;
  job_context context{kafka.brokers()};
  context.set("kafka.properties.group.id", "mine");
  CHECK_THAT(
    error_of([&] {
      source_under_test{context, "lines"};
    }),
    Contains("kafka.properties.group.id cannot be set") && Contains("set kafka.group"));
}

TEST_CASE("a broker without a host, or with a port that is none, is refused before anybody is asked") {
  const auto said = [](const std::string& brokers) {
    settings config;
    config.set("kafka.brokers", {brokers, "--brokers", {}, false});
    return error_of([&] { (void)kafka_brokers(config); });
  };
  CHECK(
    said("k:9092,localhost:99999") == "--brokers: kafka.brokers: 'localhost:99999' has the port '99999', which is no "
                                      "number from 1 to 65535: write host:port");
  for (const char* bad : {"k:abc", "k:0", "k:", "k:90 92", "k:-1", "[::1]:x", "SSL://k:x", "k:1, k:x"})
    CHECK_THAT(said(bad), Contains("which is no number from 1 to 65535"));
  CHECK_THAT(said(":9092"), Contains("':9092' names no host: write host:port"));
  for (const char* good : {"k", "k:9092", "k:1, l:65535,", "[::1]:9092", "[::1]", "::1", "SSL://k:9092"})
    CHECK(said(good) == "");
}

TEST_CASE("acknowledgements by less than all replicas are refused, under both names") {
  const auto said = [](const std::string& name, const std::string& value) {
    settings config;
    config.set("kafka.brokers", {"k:9092", "here", {}, false});
    config.set("kafka.producer-properties." + name, {value, "here", {}, false});
    return error_of([&] { (void)client_properties(config, client_role::producer); });
  };
  for (const char* name : {"acks", "request.required.acks"}) {
    CHECK_THAT(said(name, "0"), Contains(name) && Contains("cannot be 0") && Contains("all replicas"));
    CHECK_THAT(said(name, "1"), Contains("cannot be 1"));
    CHECK(said(name, "all") == "");
    CHECK(said(name, "-1") == "");
  }
}

TEST_CASE("a start that is none is refused with what may be said") {
  small_cluster kafka;
  job_context context{kafka.brokers()};
  context.set("kafka.start", "yesterday");
  CHECK_THAT(error_of([&] { source_under_test{context, "lines"}; }), Contains("expected earliest, latest, committed"));
}

TEST_CASE("a missing permission is an error that names topic and brokers") {
  small_cluster kafka;
  kafka.set_topic_error("lines", 29);
  CHECK_THAT(
    error_of([&] {
      source_under_test{job_context{kafka.brokers()}, "lines"};
    }),
    Contains("no permission for topic \"lines\"") && Contains(kafka.brokers()) && Contains("READ"));
}

TEST_CASE("no broker is an error within ten seconds that names the address") {
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(
    error_of([&] {
      source_under_test{job_context{"127.0.0.1:1"}, "lines"};
    }),
    Contains("step \"lines\"") && Contains("127.0.0.1:1") && Contains("Connection refused"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{10});
}

TEST_CASE("a source goes on by itself when its broker was away") {
  small_cluster kafka;
  kafka.feed(0, {"before"});
  source_under_test from{job_context{kafka.brokers()}, "lines", kafka_start::earliest()};
  from.start_reading();
  from.read(1);
  kafka.take_down(1);
  from.read_for(std::chrono::seconds{1});
  kafka.bring_up(1);
  kafka.feed(0, {"after"});
  from.read(2);
  CHECK(from.lines == std::vector<std::string>{"before", "after"});
}

TEST_CASE("a partition is caught up when it is read, not while its broker is away") {
  small_cluster kafka;
  kafka.feed(0, {"one"});
  source_under_test from{job_context{kafka.brokers()}, "lines", kafka_start::earliest()};
  from.start_reading();
  CHECK_FALSE(from.readers[0]->caught_up()); // nothing is known yet
  from.read(1);
  CHECK(becomes_caught_up(from, 0, true, std::chrono::seconds{5}));
  CHECK(becomes_caught_up(from, 1, true, std::chrono::seconds{5})); // an empty one too
  kafka.take_down(1);
  CHECK(becomes_caught_up(from, 0, false, std::chrono::seconds{5}));
  CHECK(becomes_caught_up(from, 1, false, std::chrono::seconds{5}));
  kafka.bring_up(1);
  CHECK(becomes_caught_up(from, 0, true, std::chrono::seconds{15}));
}

TEST_CASE("a partition with records that were not taken yet is not caught up") {
  small_cluster kafka;
  kafka.feed(0, {"one"});
  source_under_test from{job_context{kafka.brokers()}, "lines", kafka_start::earliest()};
  from.start_reading();
  from.read(1);
  REQUIRE(becomes_caught_up(from, 0, true, std::chrono::seconds{5}));
  kafka.feed(0, {"two"});
  CHECK_NOTHROW(
    wait_until("word of the new record", std::chrono::seconds{10}, [&] { return !from.readers[0]->caught_up(); }));
  from.read(2);
  CHECK(becomes_caught_up(from, 0, true, std::chrono::seconds{5}));
}

TEST_CASE("a producer is not told to keep its deliveries to itself") {
  small_cluster kafka;
  job_context context{kafka.brokers()};
  context.set("kafka.properties.delivery.report.only.error", "true");
  CHECK_THAT(error_of([&] { source_under_test{context, "lines"}; }), Contains("delivery.report.only.error cannot be set"));
}
