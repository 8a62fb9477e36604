#include "../support/servers/kafka_server.hpp"
#include "kafka_fixture.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

TEST_CASE("a topic that is there already is left as it is", "[.real]") {
  kafka_admin admin{kafka_server::shared().brokers()};
  const auto name = fresh_topic("admin");
  CHECK(admin.create_topic({.name = name, .partitions = 3, .replication = 1, .configs = {}}));
  CHECK_FALSE(admin.create_topic({.name = name, .partitions = 5, .replication = 1, .configs = {}}));
  CHECK(admin.partitions(name) == 3);
}

TEST_CASE("the ends of partitions are known, and topics can be removed", "[.real]") {
  const auto brokers = kafka_server::shared().brokers();
  kafka_admin admin{brokers};
  const auto name = fresh_topic("admin");
  admin.create_topic({.name = name, .partitions = 2, .replication = 1, .configs = {}});
  kafka_feeder feeder{brokers};
  feeder.send(name, std::nullopt, "x", 1);
  feeder.flush();
  CHECK(admin.end_offsets(name) == std::vector<std::int64_t>{0, 1});
  admin.delete_topic(name);
  CHECK(admin.partitions(name) == std::nullopt);
}

TEST_CASE("Kafka's own reason is passed on when it refuses to create a topic", "[.real]") {
  kafka_admin admin{kafka_server::shared().brokers()};
  CHECK_THAT(
    error_of([&] { admin.create_topic({.name = fresh_topic("admin"), .partitions = 1, .replication = 3, .configs = {}}); }),
    Contains("cannot create topic") && Contains("replication factor"));
}
