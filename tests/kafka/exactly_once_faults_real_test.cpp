#include "../support/servers/kafka_proxy.hpp"
#include "exactly_once_topic.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

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
