#include "kafka_fixture.hpp"

#include <leat/connectors/kafka/mock_cluster.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <stdexcept>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

const line_format lines;

struct cluster_with_topic : mock_cluster {
  cluster_with_topic() { create_topic("out", 3); }
};

using line_writer = writer_under_test<kafka_sink>;

line_writer write_lines(const job_context& context, std::shared_ptr<const key_extractor> key = nullptr) {
  return line_writer{context, kafka_sink_options{"out"}, lines, schema_of<line>(), std::move(key)};
}

dead_letter letter_from(const std::string& topic, std::int64_t offset = 0) {
  dead_letter letter;
  letter.reason = "r";
  letter.topic = topic;
  letter.offset = offset;
  return letter;
}

/// A topic's letters in the order of the records that they are about: those without a key may lie in any partition.
std::vector<kafka_record> read_letters(const mock_cluster& kafka, const std::string& topic) {
  auto letters = read_topic(kafka.brokers(), topic);
  std::ranges::sort(letters, {}, [](const kafka_record& l) { return std::stoll(l.headers.at("leat.offset")); });
  return letters;
}

} // namespace

TEST_CASE("a segment is delivered when all its records are with the broker") {
  const cluster_with_topic kafka;
  auto to = write_lines(job_context{kafka.brokers()});
  to.write(*lines_batch({"one", "two"}));
  CHECK(to.writer->mark() == 1);
  to.write(*lines_batch({"three"}));
  CHECK(to.writer->mark() == 2);
  CHECK(to.wait_delivered(2));
  CHECK(read_topic(kafka.brokers(), "out").size() == 3);
}

TEST_CASE("a segment without records is delivered as soon as those before it are") {
  const cluster_with_topic kafka;
  auto to = write_lines(job_context{kafka.brokers()});
  CHECK(to.writer->delivered() == 0);
  CHECK(to.writer->mark() == 1);
  CHECK(to.writer->delivered() == 1);
}

TEST_CASE("records of one key stay in one partition, in order") {
  const cluster_with_topic kafka;
  auto to = write_lines(job_context{kafka.brokers()}, std::make_shared<first_word>());
  to.write(*lines_batch({"anna 1", "ben 1", "anna 2", "ben 2", "anna 3"}));
  REQUIRE(to.wait_delivered(to.writer->mark()));
  std::vector<std::string> annas;
  for (const auto& r : read_topic(kafka.brokers(), "out"))
    if (r.key == "anna")
      annas.push_back(*r.payload);
  CHECK(annas == std::vector<std::string>{"anna 1", "anna 2", "anna 3"});
}

TEST_CASE("what a function for keys throws names the sink and quotes the cause") {
  struct no_key : key_extractor {
    void keys(const batch_base&, std::size_t, encoded_records&) const override { throw std::out_of_range{"no user"}; }
  };
  const cluster_with_topic kafka;
  auto to = write_lines(job_context{kafka.brokers()}, std::make_shared<no_key>());
  CHECK_THROWS_WITH(to.write(*lines_batch({"one"})), "step 'lines' failed in key: no user");
}

TEST_CASE("records without a key extractor have a null key") {
  const cluster_with_topic kafka;
  auto to = write_lines(job_context{kafka.brokers()});
  to.write(*lines_batch({"one"}));
  REQUIRE(to.wait_delivered(to.writer->mark()));
  CHECK(read_topic(kafka.brokers(), "out").at(0).key == std::nullopt);
}

TEST_CASE("a writer takes no more than its bound while the broker is away, and delivers all when it is back") {
  cluster_with_topic kafka;
  job_context context{kafka.brokers()};
  context.set("kafka.properties.queue.buffering.max.messages", "100");
  auto to = write_lines(context);
  kafka.take_down(1);
  const auto in = lines_batch(std::vector<std::string>(250, "x"));
  CHECK(to.writer->write(*in, 0) == 100);
  CHECK(to.writer->write(*in, 100) == 0);
  kafka.bring_up(1);
  std::size_t done = 100;
  while (done < 250 && to.wake.wait())
    done += to.writer->write(*in, done);
  CHECK(done == 250);
  CHECK(to.wait_delivered(to.writer->mark()));
  CHECK(read_topic(kafka.brokers(), "out").size() == 250);
}

TEST_CASE("a record with no form in the format goes to the dead letters of its topic") {
  const cluster_with_topic kafka;
  auto to = write_lines(job_context{kafka.brokers()}, std::make_shared<first_word>());
  to.write(*lines_batch({"good", "bad apple", "fine"}));
  REQUIRE(to.wait_delivered(to.writer->mark()));
  CHECK(to.writer->rejected() == 1);
  CHECK(read_topic(kafka.brokers(), "out").size() == 2);
  const auto letters = read_topic(kafka.brokers(), "out-dlq");
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].headers.at("leat.reason") == "it says that it is bad");
  CHECK(letters[0].headers.at("leat.topic") == "out");
  CHECK(letters[0].key == "bad");
}

TEST_CASE("a sink notes why it refused its first record") {
  const cluster_with_topic kafka;
  job_context context{kafka.brokers()};
  auto to = write_lines(context);
  to.write(*lines_batch({"good", "bad apple"}));
  CHECK(context.counters().noted("first_refusal", "lines") == "it says that it is bad");
}

TEST_CASE("a sink says in which topic its dead letters are, and so does that of a source's") {
  const cluster_with_topic kafka;
  const auto records = write_lines(job_context{kafka.brokers()});
  const writer_under_test<kafka_dead_letter_sink> letters{job_context{kafka.brokers()}, "in"};
  CHECK(records.sink.dead_letters_in() == "topic \"out-dlq\"");
  CHECK(letters.sink.dead_letters_in() == "topic \"in-dlq\"");
}

TEST_CASE("the reports of delivery wake the writer's actor") {
  const cluster_with_topic kafka;
  auto to = write_lines(job_context{kafka.brokers()});
  to.write(*lines_batch({"one"}));
  CHECK(to.wake.wait());
}

TEST_CASE("a sink without a permission to see its topic does not open") {
  cluster_with_topic kafka;
  kafka.set_topic_error("out", 29);
  CHECK_THAT(
    error_of([&] { write_lines(job_context{kafka.brokers()}); }),
    Contains("no permission for topic \"out\"") && Contains("WRITE"));
}

TEST_CASE("dead letters carry the original key and bytes, and headers with the rest") {
  const cluster_with_topic kafka;
  writer_under_test<kafka_dead_letter_sink> to{job_context{kafka.brokers()}, "in"};
  const auto in = batch<dead_letter>::fresh();
  in->push(
    dead_letter{
      .reason = "why",
      .step = "who",
      .topic = "in",
      .partition = 3,
      .offset = 77,
      .time = from_millis(5),
      .key = "k",
      .payload = std::string("\0\xff", 2),
      .causes = {"because", "of this"}},
    timestamp{});
  to.write(*in);
  REQUIRE(to.wait_delivered(to.writer->mark()));
  const auto letters = read_topic(kafka.brokers(), "in-dlq");
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].key == "k");
  CHECK(letters[0].payload == std::string("\0\xff", 2));
  CHECK(
    letters[0].headers == std::map<std::string, std::string>{
                            {"leat.reason", "why"},
                            {"leat.step", "who"},
                            {"leat.topic", "in"},
                            {"leat.partition", "3"},
                            {"leat.offset", "77"},
                            {"leat.timestamp", "5"},
                            {"leat.cause.1", "because"},
                            {"leat.cause.2", "of this"}});
}

TEST_CASE("dead letters of several topics go to a topic each, those of none to the job's") {
  const cluster_with_topic kafka;
  writer_under_test<kafka_dead_letter_sink> to{job_context{kafka.brokers(), "fraud"}, "a"};
  const auto in = batch<dead_letter>::fresh();
  for (const char* topic : {"a", "b", ""})
    in->push(letter_from(topic), timestamp{});
  to.write(*in);
  REQUIRE(to.wait_delivered(to.writer->mark()));
  for (const char* topic : {"a-dlq", "b-dlq", "fraud-dlq"})
    CHECK(read_topic(kafka.brokers(), topic).size() == 1);
}

TEST_CASE("a null payload stays null in a dead letter, an empty one empty") {
  const cluster_with_topic kafka;
  writer_under_test<kafka_dead_letter_sink> to{job_context{kafka.brokers()}, "in"};
  const auto in = batch<dead_letter>::fresh();
  auto letter = letter_from("in", 0);
  in->push(letter, timestamp{});
  letter.offset = 1;
  letter.key = "";
  letter.payload = "";
  in->push(letter, timestamp{});
  to.write(*in);
  REQUIRE(to.wait_delivered(to.writer->mark()));
  const auto letters = read_letters(kafka, "in-dlq");
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].payload == std::nullopt);
  CHECK(letters[0].key == std::nullopt);
  CHECK(letters[1].payload == "");
  CHECK(letters[1].key == "");
}

TEST_CASE("a dead letter above the producer's own limit is cut to it, key and value, and says so") {
  const cluster_with_topic kafka;
  job_context context{kafka.brokers()};
  context.set("kafka.producer-properties.message.max.bytes", "100000");
  writer_under_test<kafka_dead_letter_sink> to{context, "in"};
  const auto in = batch<dead_letter>::fresh();
  auto letter = letter_from("in", 0);
  letter.key = "k";
  letter.payload = std::string(200'000, 'v');
  in->push(letter, timestamp{});
  letter.offset = 1;
  letter.key = std::string(300'000, 'k');
  letter.reason = std::string(400'000, 'r');
  in->push(letter, timestamp{});
  to.write(*in);
  REQUIRE(to.wait_delivered(to.writer->mark()));
  const auto letters = read_letters(kafka, "in-dlq");
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].key == "k");
  CHECK(letters[0].payload->size() > 99'000);
  CHECK(letters[0].headers.at("leat.truncated") == "200000");
  CHECK_FALSE(letters[0].headers.contains("leat.truncated-key"));
  CHECK(letters[1].key->size() > 40'000);
  CHECK(letters[1].payload->size() > 40'000);
  CHECK(letters[1].headers.at("leat.truncated-key") == "300000");
}
