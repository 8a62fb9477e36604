#include "exactly_once_topic.hpp"

#include <leat/connectors/kafka/wire/dead_letter_headers.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

/// What does not get smaller by compression.
std::string noise(std::size_t bytes) {
  std::string made(bytes, ' ');
  std::ranges::generate(made, [n = 7U]() mutable { return static_cast<char>((n = n * 1664525U + 1013904223U) >> 24U); });
  return made;
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
  const auto large = "noise " + noise(50'000);
  to->epoch(1, {"a", large, "small when packed " + std::string(50'000, 'x'), "b"}, topic.store);
  to->epoch(2, {"c"}, topic.store);
  CHECK(to->writer->rejected() == 1);
  CHECK(topic.content().size() == 4);
  CHECK(topic.letters().at(0).payload == large);
}

TEST_CASE("a refused record that more follow than may be under way is a dead letter all the same", "[.real]") {
  exactly_once_topic topic{{{"max.message.bytes", "10000"}}};
  topic.context.set("kafka.properties.compression.type", "lz4");
  topic.context.set("kafka.producer-properties.queue.buffering.max.messages", "100");
  auto to = topic.restored();
  strings lines{"noise " + noise(50'000)};
  for (int i = 0; i < 20'000; ++i)
    lines.push_back("line " + std::to_string(i));
  to->epoch(1, lines, topic.store);
  CHECK(to->writer->rejected() == 1);
  CHECK(topic.content() == strings(lines.begin() + 1, lines.end()));
  CHECK(topic.letters().at(0).payload == lines[0]);
}

TEST_CASE("a record larger than what may be under way is a dead letter", "[.real]") {
  exactly_once_topic topic{{{"max.message.bytes", "4000000"}}};
  topic.context.set("kafka.producer-properties.queue.buffering.max.kbytes", "1024");
  auto to = topic.restored();
  to->epoch(1, {"a", "large " + std::string(2'000'000, 'x'), "b"}, topic.store);
  CHECK(to->writer->rejected() == 1);
  CHECK(topic.content() == strings{"a", "b"});
}

TEST_CASE("records without keys go to all partitions", "[.real]") {
  exactly_once_topic topic{{}, 8};
  transactional_under_test to{topic.context, topic.name, 0, {}, nullptr};
  to.restore(topic.store);
  std::int64_t fewest = 0;                                  // records in a partition, of one epoch
  for (std::uint64_t e = 1; e <= 50 && fewest < 300; ++e) { // librdkafka learns the leaders of a new topic by and by
    const auto before = topic.admin.end_offsets(topic.name);
    to.epoch(e, strings(5'000, "a line"), topic.store);
    topic.wait_settled(topic.name);
    const auto now = topic.admin.end_offsets(topic.name);
    fewest = now[0] - before[0];
    for (std::size_t p = 1; p < now.size(); ++p)
      fewest = std::min(fewest, now[p] - before[p]);
  }
  CHECK(fewest >= 300);
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
