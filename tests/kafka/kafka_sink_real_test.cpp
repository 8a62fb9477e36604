#include "../support/servers/kafka_proxy.hpp"
#include "../support/servers/kafka_server.hpp"
#include "kafka_fixture.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/connectors/kafka/wire/dead_letter_headers.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

using strings = std::vector<std::string>;

const line_format lines;

/// A topic of one partition on the shared broker.
struct real_topic {
  explicit real_topic(const std::map<std::string, std::string>& configs = {}) {
    admin.create_topic({.name = name, .partitions = 1, .replication = 1, .configs = configs});
  }

  writer_under_test<kafka_sink> writer() {
    return writer_under_test<kafka_sink>{
      context, kafka_sink_options{name}, lines, schema_of<line>(), std::make_shared<first_word>()};
  }

  /// From now on the topic is used by a user who may do only what is allowed.
  void log_in(const std::string& user) {
    context = job_context{kafka.guarded_brokers()};
    context.log_in(user, user);
  }

  strings content() {
    strings all;
    for (const auto& r : read_topic(kafka.brokers(), name))
      all.push_back(r.payload.value_or("(null)"));
    return all;
  }

  kafka_server& kafka = kafka_server::shared();
  kafka_admin admin{kafka.brokers()};
  std::string name = fresh_topic("out");
  job_context context{kafka.brokers()};
};

strings numbered(int from, int to) {
  strings all;
  for (int i = from; i < to; ++i)
    all.push_back("line " + std::to_string(i));
  return all;
}

/// Bytes that no compression makes fewer.
std::string noise(std::size_t bytes) {
  std::string made(bytes, ' ');
  std::generate(
    made.begin(), made.end(), [n = 7U]() mutable { return static_cast<char>((n = n * 1664525U + 1013904223U) >> 24U); });
  return made;
}

timestamp wall_clock() { return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now()); }

dead_letter letter_of(const std::string& topic, std::size_t bytes) {
  dead_letter letter;
  letter.reason = "r";
  letter.topic = topic;
  letter.payload.emplace(bytes, 'x');
  return letter;
}

} // namespace

TEST_CASE("a sink whose topic does not exist does not open, says how to create it, and does not", "[.real]") {
  real_topic topic;
  const auto there = std::exchange(topic.name, fresh_topic("missing"));
  CHECK_THAT(
    error_of([&] { topic.writer(); }),
    Contains("topic \"" + topic.name + "\" does not exist") && Contains("leat topics create " + topic.name));
  CHECK_FALSE(topic.admin.partitions(topic.name));
}

TEST_CASE("a user without permission cannot open a sink, and is told which permission is missing", "[.real]") {
  real_topic topic;
  topic.log_in("guest");
  CHECK_THAT(error_of([&] { topic.writer(); }), Contains("no permission") && Contains("WRITE"));
}

TEST_CASE("a record too large for the topic becomes a dead letter with all its bytes, its neighbours pass", "[.real]") {
  real_topic topic{{{"max.message.bytes", "10000"}}};
  auto to = topic.writer();
  const auto large = "large " + std::string(50'000, 'x');
  to.write(*lines_batch({"a", large, "b"}));
  REQUIRE(to.wait_delivered(to.writer->mark()));
  CHECK(to.writer->rejected() == 1);
  CHECK(topic.content() == strings{"a", "b"});
  const auto letters = read_topic(topic.kafka.brokers(), topic.name + "-dlq");
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].payload == large);
  CHECK(letters[0].key == "large");
  CHECK_THAT(letters[0].headers.at(dead_letter_headers::reason), Contains("too large") && Contains("10000"));
}

TEST_CASE("a record that only the broker can find too large becomes a dead letter as well", "[.real]") {
  real_topic topic{{{"max.message.bytes", "10000"}}};
  topic.context.set("kafka.properties.compression.type", "lz4"); // the broker looks at what is left of it
  const auto before = to_millis(wall_clock());
  auto to = topic.writer();
  to.write(*lines_batch({"a", "noise " + noise(50'000), "small when packed " + std::string(50'000, 'x'), "b"}));
  REQUIRE(to.wait_delivered(to.writer->mark()));
  CHECK(to.writer->rejected() == 1);
  CHECK(topic.content().size() == 3);
  const auto letters = read_topic(topic.kafka.brokers(), topic.name + "-dlq");
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].headers.at(dead_letter_headers::topic) == topic.name);
  CHECK(std::stoll(letters[0].headers.at(dead_letter_headers::timestamp)) >= before);
}

TEST_CASE("a sink of a job without dead letters counts what it cannot write and goes on", "[.real]") {
  real_topic topic{{{"max.message.bytes", "10000"}}};
  topic.context.without_dead_letters().set("kafka.properties.compression.type", "lz4"); // so that the broker refuses one
  auto to = topic.writer();
  to.write(*lines_batch({"a", "bad to encode", "noise " + noise(50'000), "b"}));
  REQUIRE(to.wait_delivered(to.writer->mark()));
  CHECK(to.writer->rejected() == 2);
  CHECK(topic.content() == strings{"a", "b"});
  CHECK_FALSE(topic.admin.partitions(topic.name + "-dlq"));
}

TEST_CASE("many small records are never refused together by a topic with a low limit", "[.real]") {
  real_topic topic{{{"max.message.bytes", "5000"}}};
  auto to = topic.writer();
  to.write(*lines_batch(numbered(0, 20'000)));
  REQUIRE(to.wait_delivered(to.writer->mark()));
  CHECK(topic.content() == numbered(0, 20'000));
}

TEST_CASE("a sink waits for its broker without losing, repeating or reordering", "[.real]") {
  real_topic topic;
  auto to = topic.writer();
  to.write(*lines_batch(numbered(0, 100)));
  topic.kafka.stop();
  to.write(*lines_batch(numbered(100, 200)));
  const auto segment = to.writer->mark();
  CHECK_FALSE(to.wait_delivered(segment, std::chrono::seconds{2}));
  topic.kafka.start();
  CHECK(to.wait_delivered(segment));
  CHECK(topic.content() == numbered(0, 200));
}

TEST_CASE("a record that the broker has not taken is sent again, although later ones are there", "[.real]") {
  real_topic topic;
  kafka_proxy proxy{topic.kafka.proxy_port(), topic.kafka.proxied_port()};
  topic.context.set("kafka.brokers", topic.kafka.proxied_brokers());
  topic.context.set("kafka.producer-properties.batch.num.messages", "1");
  auto to = topic.writer();
  proxy.refuse_records();
  to.write(*lines_batch(numbered(0, 3)));
  CHECK(to.wait_delivered(to.writer->mark()));
  auto content = topic.content();
  std::ranges::sort(content);
  CHECK(content == numbered(0, 3));
}

TEST_CASE("a topic deleted while it is written is an error that names it", "[.real]") {
  real_topic topic;
  topic.context.set("kafka.properties.topic.metadata.propagation.max.ms", "1000");
  auto to = topic.writer();
  to.write(*lines_batch({"one"}));
  REQUIRE(to.wait_delivered(to.writer->mark()));
  topic.admin.delete_topic(topic.name);
  CHECK_THAT(
    error_of([&] {
      to.write(*lines_batch({"two"}));
      to.wait_delivered(to.writer->mark());
    }),
    Contains("topic \"" + topic.name + "\" does not exist"));
}

TEST_CASE("a dead-letter topic is created with one partition when its first letter comes", "[.real]") {
  real_topic topic;
  writer_under_test<kafka_dead_letter_sink> to{topic.context, topic.name};
  CHECK_FALSE(topic.admin.partitions(topic.name + "-dlq"));
  const auto in = batch<dead_letter>::fresh();
  for (int i = 0; i < 3000; ++i)
    in->push(letter_of(topic.name, 10), timestamp{});
  to.write(*in); // more than may wait for the topic
  REQUIRE(to.wait_delivered(to.writer->mark()));
  CHECK(topic.admin.partitions(topic.name + "-dlq") == 1);
  CHECK(read_topic(topic.kafka.brokers(), topic.name + "-dlq").size() == 3000);
}

TEST_CASE("a dead letter of ten megabytes keeps all its bytes", "[.real]") {
  real_topic topic;
  writer_under_test<kafka_dead_letter_sink> to{topic.context, topic.name};
  const auto in = batch<dead_letter>::fresh();
  in->push(letter_of(topic.name, 10'000'000), timestamp{});
  to.write(*in);
  REQUIRE(to.wait_delivered(to.writer->mark()));
  CHECK(read_topic(topic.kafka.brokers(), topic.name + "-dlq").at(0).payload->size() == 10'000'000);
}

TEST_CASE("a dead letter that its topic does not take is cut, and says so", "[.real]") {
  real_topic topic;
  topic.admin.create_topic({.name = topic.name + "-dlq", .partitions = 1, .replication = 1, .configs = {}});
  writer_under_test<kafka_dead_letter_sink> to{topic.context, topic.name};
  const auto in = batch<dead_letter>::fresh();
  in->push(letter_of(topic.name, 3'000'000), timestamp{});
  to.write(*in);
  REQUIRE(to.wait_delivered(to.writer->mark()));
  const auto letters = read_topic(topic.kafka.brokers(), topic.name + "-dlq");
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].payload->size() == 512 * 1024);
  CHECK(letters[0].headers.at(dead_letter_headers::truncated) == "3000000");
}
