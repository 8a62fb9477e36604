#include "../support/servers/kafka_server.hpp"
#include "kafka_fixture.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

// What a user may see but neither read nor write: the check of the topic passes, and the error comes from the reading or
// writing. Topics are written within ten seconds or the test fails, since nobody waits longer for a missing permission.

namespace {

constexpr std::chrono::seconds patience{10};
const line_format lines;

/// A topic for records, and the use of it by a user who may do only what is allowed.
struct guarded_topic {
  explicit guarded_topic(const std::string& user) : user_{user} {
    context.log_in(user, user);
    admin.create_topic({.name = name, .partitions = 1, .replication = 1, .configs = {}});
  }

  void allow(const std::vector<std::string>& operations, const std::string& topic) {
    kafka.allow(user_, operations, topic);
  }

  writer_under_test<kafka_sink> records() {
    return writer_under_test<kafka_sink>{context, kafka_sink_options{name}, lines, schema_of<line>(), nullptr};
  }

  writer_under_test<kafka_dead_letter_sink> letters() { return writer_under_test<kafka_dead_letter_sink>{context, name}; }

  kafka_server& kafka = kafka_server::shared();
  kafka_admin admin{kafka.brokers()};
  const std::string name = fresh_topic("guarded");
  const std::string dead_letters = name + "-dlq";
  job_context context{kafka.guarded_brokers()};

private:
  const std::string user_;
};

/// The error that ends the writing of all that was given to a writer.
template <class Sink>
std::string error_of_delivery(writer_under_test<Sink>& to) {
  return error_of([&] {
    if (!to.wait_delivered(to.writer->mark(), patience))
      throw std::runtime_error{"neither delivered nor refused within ten seconds"};
  });
}

boost::intrusive_ptr<batch<dead_letter>> letter_from(const std::string& topic) {
  auto in = batch<dead_letter>::fresh();
  in->push(dead_letter{.reason = "r", .step = "s", .topic = topic, .key = {}, .payload = "bytes"}, timestamp{});
  return in;
}

} // namespace

TEST_CASE(
  "a user who may see a topic but not read it is told with the first fetch which permission is missing", "[.real]") {
  guarded_topic topic{"guest"};
  topic.allow({"Describe"}, topic.name);
  source_under_test from{topic.context, topic.name, kafka_start::earliest()};
  from.start_reading();
  CHECK_THAT(
    error_of([&] { from.read_for(patience); }),
    Contains("no permission to read " + topic.name + "/0") && Contains("grant") && Contains("READ on the topic"));
}

TEST_CASE("a user who may write no topic is told so before the first record", "[.real]") {
  guarded_topic topic{"guest"};
  topic.allow({"Describe"}, topic.name);
  auto to = topic.records();
  CHECK(to.wake.wait(patience));
  CHECK_THAT(
    error_of([&] { (void)to.writer->delivered(); }),
    Contains("no permission to write to topic \"" + topic.name + "\"") && Contains("WRITE"));
}

TEST_CASE("a user who may write other topics is told with the first record which permission is missing", "[.real]") {
  guarded_topic topic{"clerk"};
  topic.allow({"Write"}, fresh_topic("other"));
  topic.allow({"Describe"}, topic.name);
  auto to = topic.records();
  to.write(*lines_batch({"one"}));
  CHECK_THAT(
    error_of_delivery(to), Contains("no permission to write to topic \"" + topic.name + "\"") && Contains("WRITE"));
}

TEST_CASE("a dead-letter topic that the user may neither see nor create is an error that says what to grant", "[.real]") {
  guarded_topic topic{"clerk"};
  topic.allow({"Write"}, topic.name);
  auto to = topic.letters();
  to.write(*letter_from(topic.name));
  CHECK_THAT(error_of_delivery(to), Contains("\"" + topic.dead_letters + "\"") && Contains("grant CREATE and WRITE"));
}

TEST_CASE("a dead-letter topic that the user may write but not create is an error that says what to do", "[.real]") {
  guarded_topic topic{"clerk"};
  topic.allow({"Write"}, topic.dead_letters);
  auto to = topic.letters();
  to.write(*letter_from(topic.name));
  CHECK_THAT(
    error_of_delivery(to),
    Contains("topic \"" + topic.dead_letters + "\" does not exist") && Contains("could not be created"));
}

TEST_CASE("a dead-letter topic that was created for a user who may not is written", "[.real]") {
  guarded_topic topic{"clerk"};
  topic.allow({"Write"}, topic.dead_letters);
  topic.admin.create_topic({.name = topic.dead_letters, .partitions = 1, .replication = 1, .configs = {}});
  auto to = topic.letters();
  to.write(*letter_from(topic.name));
  CHECK(error_of_delivery(to) == "");
  CHECK(read_topic(topic.kafka.brokers(), topic.dead_letters).size() == 1);
}

TEST_CASE("a user who may write no topic is told so with the first dead letter, and not before", "[.real]") {
  guarded_topic topic{"guest"};
  auto to = topic.letters();
  CHECK(to.wake.wait(patience)); // the producer has no id
  CHECK(to.writer->delivered() == 0);
  to.write(*letter_from(topic.name));
  CHECK_THAT(
    error_of_delivery(to),
    Contains("no permission to write to topic \"" + topic.dead_letters + "\"") && Contains("grant CREATE and WRITE"));
}
