#include "kafka_fixture.hpp"

#include <leat/connectors/kafka/dead_letter_outbox.hpp>
#include <leat/connectors/kafka/mock_cluster.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/connectors/kafka/wire/dead_letter_headers.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

constexpr std::int16_t to_produce = 0; // the kind of request
constexpr int too_large = 10;

/// An outbox with its producer on a mock cluster, used by hand.
struct outbox_under_test {
  explicit outbox_under_test(const std::string& queue_bound = "1000") {
    context.set("kafka.properties.queue.buffering.max.messages", queue_bound);
    producer = std::make_unique<record_producer>(
      client_properties(*context.get().config, client_role::producer), "test", cluster_user{"step", kafka.brokers()},
      wake.as_waker());
    outbox = std::make_unique<dead_letter_outbox>(*producer, dead_letter_options{.fallback = "job"});
  }

  void put(std::size_t bytes) {
    dead_letter letter;
    letter.topic = "in";
    letter.payload = std::string(bytes, 'v');
    outbox->put(letter);
  }

  /// Works off reports until all that was put is delivered, or writing cannot go on.
  void finish() {
    const auto segment = producer->segments().mark();
    for (int i = 0; i < 100 && producer->segments().delivered() < segment; ++i) {
      wake.wait(std::chrono::milliseconds{100});
      producer->poll();
      producer->check();
    }
  }

  mock_cluster kafka;
  job_context context{kafka.brokers()};
  wake_up wake;
  std::unique_ptr<record_producer> producer;
  std::unique_ptr<dead_letter_outbox> outbox;
};

} // namespace

TEST_CASE("a dead letter that the broker refuses is halved until it is taken") {
  outbox_under_test to;
  to.kafka.fail_requests(to_produce, {too_large, too_large});
  to.put(20'000);
  to.finish();
  const auto letters = read_topic(to.kafka.brokers(), "in-dlq");
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].payload->size() == 5'000);
  CHECK(letters[0].headers.at(dead_letter_headers::truncated) == "20000");
}

TEST_CASE("a dead letter that is refused whatever its length ends the job and says so") {
  outbox_under_test to;
  to.kafka.fail_requests(to_produce, std::vector<int>(20, too_large));
  to.put(20'000);
  CHECK_THAT(error_of([&] { to.finish(); }), Contains("refuses a dead letter") && Contains("in-dlq"));
}

TEST_CASE("a cut dead letter that cannot be sent ends the job, it is not forgotten") {
  outbox_under_test to{"1"}; // librdkafka takes two, and both are still there when the first is to be sent again
  to.kafka.fail_requests(to_produce, {too_large, too_large});
  to.put(20'000);
  to.put(20'000);
  CHECK_THAT(error_of([&] { to.finish(); }), Contains("cannot write a dead letter to \"in-dlq\""));
}
