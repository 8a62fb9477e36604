#include "../support/kafka_proxy.hpp"
#include "../support/kafka_server.hpp"
#include "../support/wait_until.hpp"
#include "transactional_fixture.hpp"

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

/// A topic of one partition on the shared broker, and a job of its own that writes it.
struct exactly_once_topic {
  explicit exactly_once_topic(const std::map<std::string, std::string>& configs = {}, int partitions = 1) {
    admin.create_topic({.name = name, .partitions = partitions, .replication = 1, .configs = configs});
  }

  transactional_under_test writer(std::uint32_t instance = 0, std::function<void(transaction_point)> passes = {}) const {
    return {context, name, instance, std::move(passes)};
  }

  /// The writer, gone on from what is saved.
  std::unique_ptr<transactional_under_test> restored(std::uint32_t instance = 0, std::uint32_t parallelism = 1) const {
    auto made = std::make_unique<transactional_under_test>(context, name, instance);
    made->restore(store, parallelism);
    return made;
  }

  /// What readers see now.
  strings content_now() const {
    strings all;
    for (const auto& r : read_topic(kafka.brokers(), name))
      all.push_back(r.payload.value_or("(null)"));
    return all;
  }

  /// What readers see once no transaction is open.
  strings content() const {
    wait_settled(name);
    return content_now();
  }

  std::vector<kafka_record> letters() const {
    wait_settled(name + "-dlq");
    return read_topic(kafka.brokers(), name + "-dlq");
  }

  /// A transaction is acknowledged when the coordinator has noted its end; the marks in the partitions come a little later.
  void wait_settled(const std::string& of) const {
    const kafka_admin all{kafka.brokers(), {{"isolation.level", "read_uncommitted"}}};
    wait_until("all transactions of " + of + " to end", std::chrono::seconds{10}, [&] {
      return admin.end_offsets(of) == all.end_offsets(of);
    });
  }

  /// Waits until the marker is this one: what is committed is seen a little later.
  bool wait_marker(std::int64_t epoch) const {
    const auto seen = [&] { return admin.committed_offsets(name + ".lines.0", name) == std::vector<std::int64_t>{epoch}; };
    wait_until("marker " + std::to_string(epoch), std::chrono::seconds{10}, seen);
    return true;
  }

  kafka_server& kafka = kafka_server::shared();
  kafka_admin admin{kafka.brokers()};
  std::string name = fresh_topic("once");
  job_context context{kafka.brokers(), name};
  saved_epochs store;
};

/// The lines of epochs `from` to `to`, `count` each.
strings epochs(std::uint64_t from, std::uint64_t to, std::size_t count) {
  strings all;
  for (auto e = from; e <= to; ++e)
    std::ranges::copy(lines_of_epoch(e, count), std::back_inserter(all));
  return all;
}

strings joined(const std::vector<strings>& parts) {
  strings all;
  for (const auto& part : parts)
    std::ranges::copy(part, std::back_inserter(all));
  return all;
}

} // namespace

TEST_CASE("records come when their checkpoint is durable, each once, in order", "[.real]") {
  exactly_once_topic topic;
  auto to = topic.restored();
  to->write(lines_of_epoch(1, 5000));
  topic.store.apply(1, to->writer->cut(1));
  CHECK(topic.content().empty());
  to->writer->commit(1);
  to->wait_committed(1);
  CHECK(topic.content() == epochs(1, 1, 5000));
  for (std::uint64_t e = 2; e <= 10; ++e)
    to->epoch(e, lines_of_epoch(e, 5000), topic.store);
  CHECK(topic.content() == epochs(1, 10, 5000));
  CHECK(topic.wait_marker(10));
}

TEST_CASE("a transaction goes in pieces of what may be under way, to all partitions", "[.real]") {
  const auto check = [](const char* property, const char* value) {
    CAPTURE(property, value);
    exactly_once_topic topic{{}, 2};
    topic.context.set(std::string{"kafka.producer-properties."} + property, value);
    auto to = topic.restored();
    strings expected;
    for (std::uint64_t e = 1; e <= 10; ++e) {
      strings lines; // the first word of each is its key
      for (int i = 0; i < 2'000; ++i)
        lines.push_back(std::to_string(i) + " of epoch " + std::to_string(e));
      to->epoch(e, lines, topic.store);
      std::ranges::copy(lines, std::back_inserter(expected));
    }
    auto content = topic.content();
    std::ranges::sort(content);
    std::ranges::sort(expected);
    CHECK(content == expected);
    for (const auto end : topic.admin.end_offsets(topic.name))
      CHECK(end > 100);
  };
  check("queue.buffering.max.messages", "100");
  check("linger.ms", "60000");
  check("batch.num.messages", "7");
  check("message.timeout.ms", "900");
}

TEST_CASE("the next epoch is logged while the one before is written", "[.real]") {
  exactly_once_topic topic;
  auto to = topic.restored();
  to->write(lines_of_epoch(1, 100));
  topic.store.apply(1, to->writer->cut(1));
  topic.kafka.freeze();
  to->writer->commit(1);
  to->write(lines_of_epoch(2, 100));
  topic.store.apply(2, to->writer->cut(2));
  to->writer->commit(2);
  CHECK(to->writer->committed() == 0);
  CHECK(topic.store.names().size() == 2); // a restore from checkpoint 2 needs both
  topic.kafka.thaw();
  to->wait_committed(2);
  CHECK(topic.content() == epochs(1, 2, 100));
}

TEST_CASE("a checkpoint that came to nothing leaves its records to the next", "[.real]") {
  exactly_once_topic topic;
  auto to = topic.restored();
  to->epoch(1, lines_of_epoch(1, 10), topic.store);
  to->write(lines_of_epoch(2, 10));
  topic.store.fail(to->writer->cut(2));
  to->epoch(3, lines_of_epoch(3, 10), topic.store);
  CHECK(topic.content() == epochs(1, 3, 10));
  to->write(lines_of_epoch(4, 10));
  topic.store.fail(to->writer->cut(4)); // the next is not committed by this run
  to->write(lines_of_epoch(5, 10));
  topic.store.apply(5, to->writer->cut(5));
  to = topic.restored();
  CHECK(topic.content() == epochs(1, 5, 10));
}

TEST_CASE("a log that is not out is written at the restore, one that is out is not", "[.real]") {
  exactly_once_topic topic;
  auto to = topic.restored();
  to->epoch(1, lines_of_epoch(1, 10), topic.store);
  to->write(lines_of_epoch(2, 10));
  topic.store.apply(2, to->writer->cut(2));
  to.reset(); // before it is told that 2 is durable
  to = topic.restored();
  CHECK(topic.content() == epochs(1, 2, 10));
  to.reset();
  to = topic.restored();
  CHECK(topic.content() == epochs(1, 2, 10));
}

TEST_CASE("an epoch without records is no transaction, but for the first of a run", "[.real]") {
  exactly_once_topic topic;
  auto to = topic.restored();
  for (std::uint64_t e = 1; e <= 3; ++e)
    to->epoch(e, {}, topic.store);
  CHECK(topic.wait_marker(1));
  to->epoch(4, lines_of_epoch(4, 10), topic.store);
  to->epoch(5, {}, topic.store);
  CHECK(topic.wait_marker(4));
  to->write(lines_of_epoch(6, 10));
  topic.store.apply(6, to->writer->cut(6));
  to = topic.restored();
  CHECK(topic.content() == joined({epochs(4, 4, 10), epochs(6, 6, 10)}));
}

TEST_CASE("a checkpoint holds one log of each shard once all is out", "[.real]") {
  exactly_once_topic topic;
  auto to = topic.restored();
  for (std::uint64_t e = 1; e <= 5; ++e)
    to->epoch(e, lines_of_epoch(e, 10), topic.store);
  CHECK(topic.store.names() == std::vector<epoch_log_name>{{0, 5}});
}

TEST_CASE("a second instance shuts the first out, which says so and writes nothing more", "[.real]") {
  exactly_once_topic topic;
  auto first = topic.restored();
  first->epoch(1, lines_of_epoch(1, 10), topic.store);
  auto firsts_store = topic.store;
  auto second = topic.restored();
  CHECK_THAT(
    error_of([&] { first->epoch(2, strings{"a zombie's"}, firsts_store); }),
    Contains("another instance of this job") && Contains(topic.name + ".lines.0"));
  second->epoch(2, lines_of_epoch(2, 10), topic.store);
  CHECK(topic.content() == epochs(1, 2, 10));
}

TEST_CASE("a marker that is newer than the checkpoint is refused, unless duplicates are allowed", "[.real]") {
  exactly_once_topic topic;
  const auto nothing = topic.store;
  auto to = topic.restored();
  to->epoch(1, lines_of_epoch(1, 10), topic.store);
  const auto older = topic.store;
  to->epoch(2, lines_of_epoch(2, 10), topic.store);
  to.reset();
  topic.store = older;
  CHECK_THAT(error_of([&] { topic.restored(); }), Contains("epoch 2") && Contains("checkpoint 1, which is older"));
  topic.store = nothing;
  CHECK_THAT(error_of([&] { topic.restored(); }), Contains("an earlier run") && Contains("kafka.allow-duplicates"));
  topic.store = older;
  topic.context.set("kafka.allow-duplicates", "true");
  topic.restored()->epoch(2, lines_of_epoch(2, 10), topic.store);
  topic.context.set("kafka.allow-duplicates", "false");
  topic.restored()->epoch(3, lines_of_epoch(3, 10), topic.store);
  CHECK(topic.content() == joined({epochs(1, 2, 10), epochs(1, 3, 10)})); // nobody knows whose 1 the marker has seen
}

TEST_CASE("a marker that is gone is refused: the topic was created anew", "[.real]") {
  exactly_once_topic topic;
  auto to = topic.restored();
  to->epoch(1, lines_of_epoch(1, 10), topic.store);
  to->epoch(2, lines_of_epoch(2, 10), topic.store);
  to.reset();
  topic.admin.delete_topic(topic.name);
  topic.admin.create_topic({.name = topic.name, .partitions = 1, .replication = 1, .configs = {}});
  CHECK_THAT(error_of([&] { topic.restored(); }), Contains("holds no marker") && Contains("checkpoint 2"));
}

TEST_CASE("with fewer actors, the logs of those that have gone are written once, and then forgotten", "[.real]") {
  exactly_once_topic topic;
  std::vector<std::unique_ptr<transactional_under_test>> four;
  saved_epochs& store = topic.store;
  for (std::uint32_t i = 0; i < 4; ++i)
    four.push_back(topic.restored(i, 4));
  for (std::uint32_t i = 0; i < 4; ++i) {
    four[i]->write({"of " + std::to_string(i)});
    store.apply(1, four[i]->writer->cut(1));
  }
  four[3]->writer->commit(1);
  four[3]->wait_committed(1);
  four.pop_back(); // but the other three still run, as after a partition of the network
  std::vector<std::unique_ptr<transactional_under_test>> two;
  for (std::uint32_t i = 0; i < 2; ++i)
    two.push_back(topic.restored(i, 2));
  four[2]->writer->commit(1);
  CHECK_THAT(error_of([&] { four[2]->wait_committed(1); }), Contains("another instance"));
  auto content = topic.content();
  std::ranges::sort(content);
  CHECK(content == strings{"of 0", "of 1", "of 2", "of 3"});
  for (std::uint32_t i = 0; i < 2; ++i)
    store.apply(2, two[i]->writer->cut(2));
  CHECK(store.names() == std::vector<epoch_log_name>{{0, 2}, {1, 2}});
}

TEST_CASE("a broker that restarts in the middle of a transaction costs nothing", "[.real]") {
  exactly_once_topic topic;
  auto to = topic.restored();
  to->epoch(1, lines_of_epoch(1, 10), topic.store);
  to->write(lines_of_epoch(2, 20'000));
  topic.store.apply(2, to->writer->cut(2));
  to->writer->commit(2);
  topic.kafka.stop();
  topic.kafka.start();
  to->wait_committed(2, std::chrono::seconds{60});
  to->epoch(3, lines_of_epoch(3, 10), topic.store);
  CHECK(topic.content().size() == 20'020);
  CHECK(topic.content() == joined({epochs(1, 1, 10), epochs(2, 2, 20'000), epochs(3, 3, 10)}));
}

TEST_CASE("a transaction that the broker has ended for its time is written again", "[.real]") {
  exactly_once_topic topic;
  topic.context.set("kafka.producer-properties.transaction.timeout.ms", "1000");
  std::atomic<bool> slow = true;
  auto to = topic.writer(0, [&](transaction_point p) {
    if (p == transaction_point::produced && slow.exchange(false))
      std::this_thread::sleep_for(std::chrono::seconds{3}); // the broker looks every half second
  });
  to.restore(topic.store);
  to.epoch(1, lines_of_epoch(1, 10), topic.store);
  to.epoch(2, lines_of_epoch(2, 10), topic.store);
  CHECK(topic.content() == epochs(1, 2, 10));
}

TEST_CASE("a request of a transaction whose answer is lost costs nothing", "[.real]") {
  exactly_once_topic topic;
  kafka_proxy proxy{topic.kafka.proxy_port(), topic.kafka.proxied_port()};
  topic.context.set("kafka.brokers", topic.kafka.proxied_brokers());
  auto to = topic.restored();
  to->epoch(1, lines_of_epoch(1, 10), topic.store);
  const auto lose = GENERATE(as<std::int16_t>{}, 26, 28, 25, 24, 0); // each kind of request in a transaction
  CAPTURE(lose);
  proxy.lose_answer_to(lose);
  to->epoch(2, lines_of_epoch(2, 10), topic.store);
  CHECK(proxy.lost() == 1);
  to->epoch(3, lines_of_epoch(3, 10), topic.store);
  CHECK(topic.content() == epochs(1, 3, 10));
}

TEST_CASE("records that the broker has not taken are not counted as written because later ones are", "[.real]") {
  exactly_once_topic topic;
  kafka_proxy proxy{topic.kafka.proxy_port(), topic.kafka.proxied_port()};
  topic.context.set("kafka.brokers", topic.kafka.proxied_brokers());
  topic.context.set("kafka.producer-properties.batch.num.messages", "1");
  auto to = topic.restored();
  proxy.refuse_records();
  to->epoch(1, lines_of_epoch(1, 3), topic.store);
  CHECK(topic.content() == epochs(1, 1, 3));
}

TEST_CASE("a request to commit that comes late does not end the next transaction", "[.real]") { // KAFKA-17754
  exactly_once_topic topic;
  kafka_proxy proxy{topic.kafka.proxy_port(), topic.kafka.proxied_port()};
  topic.context.set("kafka.brokers", topic.kafka.proxied_brokers());
  std::size_t seen = 0;
  std::atomic<bool> third = false;
  auto to = topic.writer(0, [&](transaction_point p) {
    if (!third || p != transaction_point::half_produced)
      return;
    kafka_topic_reader all{plain_properties(topic.kafka.brokers(), {{"isolation.level", "read_uncommitted"}}), topic.name};
    int arrived = 0;
    wait_until("a record of the third", std::chrono::seconds{10}, [&] {
      return (arrived += all.next(duration{100}).has_value()) > 20; // the first two have ten each
    });
    proxy.release();
    std::this_thread::sleep_for(std::chrono::milliseconds{200}); // the marks come a little later than the acknowledgement
    seen = topic.content_now().size();
  });
  to.restore(topic.store);
  to.epoch(1, lines_of_epoch(1, 10), topic.store);
  proxy.hold(26);
  to.epoch(2, lines_of_epoch(2, 10), topic.store);
  third = true;
  to.epoch(3, lines_of_epoch(3, 1000), topic.store);
  CHECK(seen == 20);
  CHECK(proxy.lost() == 1); // it was held, and let go
  CHECK(topic.content() == joined({epochs(1, 2, 10), epochs(3, 3, 1000)}));
}

TEST_CASE("a record too large for its topic becomes a dead letter in the same transaction", "[.real]") {
  exactly_once_topic topic{{{"max.message.bytes", "10000"}}};
  auto to = topic.restored();
  const auto large = "large " + std::string(50'000, 'x');
  to->epoch(1, {"a", large, "bad to encode", "b"}, topic.store);
  CHECK(to->writer->rejected() == 2);
  CHECK(topic.content() == strings{"a", "b"});
  const auto letters = topic.letters();
  REQUIRE(letters.size() == 2);
  CHECK(letters[0].payload == large);
  CHECK(letters[0].key == "large");
  CHECK_THAT(letters[0].headers.at(dead_letter_headers::reason), Contains("too large") && Contains("10000"));
}

TEST_CASE("a record that only the broker finds too large is a dead letter, not a failed transaction", "[.real]") {
  exactly_once_topic topic{{{"max.message.bytes", "10000"}}};
  topic.context.set("kafka.properties.compression.type", "lz4"); // the broker looks at what is left of it
  auto to = topic.restored();
  std::string noise(50'000, ' ');
  std::ranges::generate(noise, [n = 7U]() mutable { return static_cast<char>((n = n * 1664525U + 1013904223U) >> 24U); });
  to->epoch(1, {"a", "noise " + noise, "small when packed " + std::string(50'000, 'x'), "b"}, topic.store);
  to->epoch(2, {"c"}, topic.store);
  CHECK(to->writer->rejected() == 1);
  CHECK(topic.content().size() == 4);
  CHECK(topic.letters().at(0).payload == "noise " + noise);
}

TEST_CASE("a writer asks for a barrier before it is full, takes nothing then, and goes on after a cut", "[.real]") {
  exactly_once_topic topic;
  topic.context.set("kafka.epoch-memory", "1000KB");
  auto to = topic.restored();
  const auto batch = lines_batch(strings(150, "k " + std::string(998, 'x')));
  CHECK(to->writer->write(*batch, 0) == 150);
  CHECK(to->writer->room() == epoch_room::plenty);
  CHECK(to->writer->write(*batch, 0) == 150);
  CHECK(to->writer->room() == epoch_room::wants_barrier);
  CHECK(to->writer->write(*batch, 0) == 150);
  CHECK(to->writer->write(*batch, 0) == 150);
  CHECK(to->writer->room() == epoch_room::full);
  CHECK(to->writer->write(*batch, 0) == 0);
  CHECK_THAT(to->writer->epoch_too_large(), Contains("kafka.epoch-memory"));
  topic.store.apply(1, to->writer->cut(1));
  CHECK(to->writer->room() == epoch_room::unstored); // nobody has said that checkpoint 1 is durable
  CHECK(to->writer->write(*batch, 0) == 0);
  to->writer->commit(1);
  CHECK(to->writer->room() == epoch_room::plenty);
  to->wait_committed(1);
  CHECK(to->writer->write(*batch, 0) == 150);
}
