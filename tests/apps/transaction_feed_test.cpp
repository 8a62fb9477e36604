#include <leat/apps/fraud_alerts/demo/transaction_feed.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/mock_cluster.hpp>

#include <catch2/catch.hpp>

#include <set>
#include <thread>

using namespace leat;
using namespace leat::fraud;

namespace {

/// A feed of 2,000 transactions into two partitions of an embedded Kafka, and a job that is only a number.
struct feed_fixture {
  rules what;
  traffic made{what, {1, 2000, from_millis(1'763'700'000'000), 5s}};
  metrics registry;
  metric& job_has_read = registry.get("records_in", "transactions", 0);
  latency_log latencies{what, 5s};
  mock_cluster cluster;

  feed_fixture() { cluster.create_topic("transactions", 2); }

  feed_options options(std::int64_t ahead) { return {cluster.brokers(), {}, "transactions", 2, 0, ahead, 1h}; }

  static bool wait_for(const std::function<bool()>& condition) {
    for (int i = 0; i < 5000 && !condition(); ++i)
      std::this_thread::sleep_for(1ms);
    return condition();
  }
};

} // namespace

TEST_CASE_METHOD(feed_fixture, "a feed stops before it is further ahead of the job than it may be") {
  transaction_feed feed{made, options(500), registry, latencies};
  REQUIRE(wait_for([&] { return feed.sent() > 500 - 64; }));
  std::this_thread::sleep_for(20ms);
  CHECK(feed.sent() <= 500);
  job_has_read.set(300);
  REQUIRE(wait_for([&] { return feed.sent() > 800 - 64; }));
  std::this_thread::sleep_for(20ms);
  CHECK(feed.sent() <= 800);
}

TEST_CASE_METHOD(feed_fixture, "a feed ends with a transaction in each partition that closes all windows") {
  transaction_feed feed{made, options(1'000'000), registry, latencies};
  REQUIRE(wait_for([&] { return feed.finished(); }));
  CHECK(feed.events() == 2000);
  CHECK(feed.sent() == 2002);
  const auto records = read_topic(cluster.brokers(), "transactions");
  REQUIRE(records.size() == 2002);
  std::set<std::int32_t> closed;
  for (const auto& r : records)
    if (r.key->starts_with("closing"))
      closed.insert(r.partition);
  CHECK(closed == std::set<std::int32_t>{0, 1});
}

TEST_CASE_METHOD(feed_fixture, "all transactions of a user are in one partition") {
  transaction_feed feed{made, options(1'000'000), registry, latencies};
  REQUIRE(wait_for([&] { return feed.finished(); }));
  std::map<std::string, std::set<std::int32_t>> partitions;
  for (const auto& r : read_topic(cluster.brokers(), "transactions"))
    partitions[*r.key].insert(r.partition);
  for (const auto& [user, of_user] : partitions)
    CHECK(of_user.size() == 1);
}

TEST_CASE_METHOD(feed_fixture, "a feed that is stopped still closes the windows of what it has fed") {
  transaction_feed feed{made, options(200), registry, latencies};
  REQUIRE(wait_for([&] { return feed.sent() > 100; }));
  feed.stop();
  job_has_read.set(100'000);
  REQUIRE(wait_for([&] { return feed.finished(); }));
  CHECK(feed.events() < 2000);
  CHECK(feed.sent() == feed.events() + 2);
}

TEST_CASE_METHOD(feed_fixture, "a feed is no faster than its rate") {
  const auto began = latency_log::clock::now();
  auto slow = options(1'000'000);
  slow.rate = 10'000;
  transaction_feed feed{made, slow, registry, latencies};
  REQUIRE(wait_for([&] { return feed.finished(); }));
  CHECK(latency_log::clock::now() - began >= 190ms); // 2,000 at 10,000 a second
}

TEST_CASE_METHOD(feed_fixture, "a feed that nobody waits for can be destroyed in the middle") {
  const transaction_feed feed{made, options(100), registry, latencies};
  CHECK_FALSE(feed.finished());
}
