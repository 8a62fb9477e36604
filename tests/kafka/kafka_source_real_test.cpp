#include "../support/captured_log.hpp"
#include "../support/servers/kafka_server.hpp"
#include "../support/wait_until.hpp"
#include "kafka_fixture.hpp"
#include "transactions.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

using strings = std::vector<std::string>;

/// A topic of its own on the shared broker.
struct real_topic {
  explicit real_topic(int partitions = 1) {
    admin.create_topic({.name = name, .partitions = partitions, .replication = 1, .configs = {}});
  }

  void feed(const strings& texts, std::int32_t partition = 0, std::optional<timestamp> time = {}) {
    kafka_feeder feeder{kafka.brokers()};
    for (const auto& text : texts)
      feeder.send(name, std::nullopt, text, partition, time);
    feeder.flush();
  }

  kafka_server& kafka = kafka_server::shared();
  kafka_admin admin{kafka.brokers()};
  std::string name = fresh_topic("in");
  job_context context{kafka.brokers(), name}; // the job's name is the group
};

} // namespace

TEST_CASE("a source started at a time reads from the first record that is not older", "[.real]") {
  real_topic topic;
  topic.feed({"early"}, 0, from_millis(1'000'000));
  topic.feed({"at"}, 0, from_millis(2'000'000));
  topic.feed({"late"}, 0, from_millis(3'000'000));
  source_under_test from{topic.context, topic.name, kafka_start::at(from_millis(1'000'001))};
  from.start_reading();
  from.read(2);
  CHECK(from.lines == strings{"at", "late"});
}

TEST_CASE("a source started after the time of every record waits at the end", "[.real]") {
  real_topic topic;
  topic.feed({"early"}, 0, from_millis(1'000'000));
  source_under_test from{topic.context, topic.name, kafka_start::at(from_millis(5'000'000))};
  from.start_reading();
  topic.feed({"new"});
  from.read(1);
  CHECK(from.lines == strings{"new"});
}

TEST_CASE("a restarted source goes on after what was committed, and knows what was settled", "[.real]") {
  real_topic topic{2};
  topic.feed({"a1", "a2"}, 0);
  topic.feed({"b1"}, 1);
  source_under_test first{topic.context, topic.name};
  CHECK(first.source.settled() == min_timestamp);
  first.start_reading();
  first.read(3);
  CHECK(first.commit_and_close(from_millis(123'456)) == "");
  CHECK(topic.admin.committed_offsets(topic.name, topic.name).size() == 2);
  topic.feed({"a3"}, 0);
  source_under_test second{topic.context, topic.name};
  CHECK(second.source.settled() == from_millis(123'456));
  second.start_reading();
  second.read(1);
  second.read_for(std::chrono::milliseconds{200});
  CHECK(second.lines == strings{"a3"});
}

TEST_CASE("the last of many commits in a row is the one that counts", "[.real]") {
  real_topic topic;
  topic.feed({"1", "2", "3"});
  source_under_test first{topic.context, topic.name};
  first.start_reading();
  for (std::int64_t position = 0; position <= 3; ++position)
    first.readers[0]->commit(position, from_millis(position));
  CHECK(first.source.close(std::chrono::seconds{10}) == std::nullopt);
  source_under_test second{topic.context.bounded(), topic.name};
  second.start_reading();
  CHECK(second.read_to_end());
  CHECK(second.count() == 0);
}

TEST_CASE("records of aborted transactions are never read, and do not keep a bounded source from ending", "[.real]") {
  real_topic topic;
  transaction_writer writer{topic.kafka.brokers(), topic.name};
  writer.commit({"kept 1", "kept 2"});
  writer.abort({"dropped 1", "dropped 2", "dropped 3"});
  source_under_test from{topic.context.bounded(), topic.name};
  from.start_reading();
  CHECK(from.read_to_end());
  CHECK(from.lines == strings{"kept 1", "kept 2"});
}

TEST_CASE("a bounded source ends before a transaction that is still open", "[.real]") {
  real_topic topic;
  topic.feed({"before"});
  transaction_writer writer{topic.kafka.brokers(), topic.name};
  writer.begin({"undecided"});
  topic.feed({"behind it"});
  source_under_test from{topic.context.bounded(), topic.name};
  from.start_reading();
  CHECK(from.read_to_end());
  CHECK(from.lines == strings{"before"});
}

TEST_CASE("the marks that end transactions do not count as lag", "[.real]") {
  real_topic topic;
  transaction_writer{topic.kafka.brokers(), topic.name}.commit({"one"});
  source_under_test from{topic.context, topic.name};
  from.start_reading();
  from.read(1);
  from.read_for(std::chrono::milliseconds{300});
  CHECK(from.readers[0]->position() == 2);
  CHECK(from.readers[0]->lag() == 0);
}

TEST_CASE("a topic that does not exist is an error that says how to create it, and is not created", "[.real]") {
  real_topic topic;
  const auto missing = fresh_topic("missing");
  CHECK_THAT(
    error_of([&] {
      source_under_test{topic.context, missing};
    }),
    Contains("topic \"" + missing + "\" does not exist") && Contains("leat topics create") &&
      Contains(topic.kafka.brokers()));
  CHECK_FALSE(topic.admin.partitions(missing));
}

TEST_CASE("a user without permission gets an error that names topic and permission", "[.real]") {
  real_topic topic;
  job_context guest{topic.kafka.guarded_brokers()};
  guest.log_in("guest", "guest");
  CHECK_THAT(
    error_of([&] {
      source_under_test{guest, topic.name};
    }),
    Contains("no permission for topic \"" + topic.name + "\"") && Contains("READ"));
}

TEST_CASE("a wrong password is told at once, not after ten seconds", "[.real]") {
  real_topic topic;
  job_context guest{topic.kafka.guarded_brokers()};
  guest.log_in("guest", "wrong");
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(error_of([&] { source_under_test{guest, topic.name}; }), Contains("refuse the credentials"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{5});
}

TEST_CASE("a committed offset that retention has passed is an error at start, never a silent skip", "[.real]") {
  real_topic topic;
  topic.feed({"1", "2", "3"});
  source_under_test first{topic.context, topic.name};
  first.start_reading();
  first.readers[0]->commit(1, timestamp{});
  CHECK(first.source.close(std::chrono::seconds{10}) == std::nullopt);
  topic.admin.delete_records(topic.name, 0, 2);
  CHECK_THAT(
    error_of([&] {
      source_under_test{topic.context, topic.name};
    }),
    Contains("committed offset 1 of " + topic.name + "/0") && Contains("holds 2 to 3") && Contains("kafka.start"));
}

TEST_CASE("an offset that falls out of retention while reading is an error that names offset and range", "[.real]") {
  real_topic topic;
  topic.feed({"1", "2", "3"});
  source_under_test from{topic.context, topic.name, kafka_start::earliest()};
  topic.admin.delete_records(topic.name, 0, 2);
  from.start_reading();
  CHECK_THAT(
    error_of([&] { from.read(1); }),
    Contains("offset 0 of " + topic.name + "/0") && Contains("holds 2 to 3") && Contains("retention"));
}

TEST_CASE("a topic deleted while it is read is an error that names it", "[.real]") {
  real_topic topic;
  topic.context.set("kafka.properties.topic.metadata.propagation.max.ms", "1000");
  source_under_test from{topic.context, topic.name};
  from.start_reading();
  topic.admin.delete_topic(topic.name);
  CHECK_THAT(error_of([&] { from.read_for(std::chrono::seconds{15}); }), Contains(topic.name + "/0 is gone"));
}

TEST_CASE("partitions added while running are found and read from their first record", "[.real]") {
  real_topic topic{4};
  topic.context.set("kafka.discovery-interval", "200ms");
  source_under_test from{topic.context, topic.name, kafka_start::latest()};
  from.start_reading();
  std::mutex m;
  std::vector<partition> found;
  from.source.watch([&](const partition& p) {
    const std::lock_guard lock{m};
    found.push_back(p);
  });
  topic.admin.grow_topic(topic.name, 8);
  topic.feed({"in the new one"}, 7);
  wait_until("four partitions to be found", std::chrono::seconds{15}, [&] {
    const std::lock_guard lock{m};
    return found.size() == 4;
  });
  const std::lock_guard lock{m};
  CHECK(found.back() == partition{topic.name, 7});
  from.start_reading(found.back());
  from.read(1);
  CHECK(from.lines == strings{"in the new one"});
}

TEST_CASE("a source goes on by itself after a restart of the broker, and loses and repeats nothing", "[.real]") {
  const captured_log captured;
  real_topic topic;
  topic.feed({"before"});
  source_under_test from{topic.context, topic.name};
  from.start_reading();
  from.read(1);
  topic.kafka.stop();
  from.read_for(std::chrono::seconds{2});
  topic.kafka.start();
  topic.feed({"after"});
  from.read(2);
  from.read_for(std::chrono::milliseconds{300});
  CHECK(from.lines == strings{"before", "after"});
  wait_until(
    "the log to say so", std::chrono::seconds{15}, [&] { return captured.count("all brokers are connected again") > 0; });
}

TEST_CASE("closing while the broker does not answer ends at its deadline", "[.real]") {
  real_topic topic;
  topic.feed({"one"});
  source_under_test from{topic.context, topic.name};
  from.start_reading();
  from.read(1);
  topic.kafka.freeze();
  from.readers[0]->commit(1, timestamp{});
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(from.source.close(std::chrono::seconds{1}).value_or(""), Contains("not all offsets are committed within 1s"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{10}); // not for ever, however slow the machine
  topic.kafka.thaw();
}

TEST_CASE("memory stays flat however long the readers stand still", "[.real]") {
  real_topic topic{4};
  kafka_feeder feeder{topic.kafka.brokers()};
  const std::string record(140, 'x');
  for (int i = 0; i < 1'000'000; ++i)
    feeder.send(topic.name, std::nullopt, record, i % 4);
  feeder.flush();
  const auto before = resident_memory();
  source_under_test from{topic.context, topic.name};
  from.start_reading();
  std::this_thread::sleep_for(std::chrono::seconds{3});
  CHECK(resident_memory() - before < 100U * 1024 * 1024); // of 140 MB there are to read, twice that in memory
  from.read(1'000'000);
  CHECK(from.count() == 1'000'000);
}
