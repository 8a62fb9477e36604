#include "kafka_fixture.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/mock_cluster.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

constexpr std::int16_t to_list_offsets = 2; // the kind of request
constexpr int not_leader = 6;
constexpr int no_permission_for_topic = 29;

} // namespace

TEST_CASE("the ends of partitions are asked for again when the broker does not lead them yet") {
  mock_cluster kafka;
  kafka.create_topic("lines", 2);
  kafka.fail_requests(to_list_offsets, std::vector<int>(4, not_leader));
  CHECK(kafka_admin{kafka.brokers()}.end_offsets("lines") == std::vector<std::int64_t>{0, 0});
}

TEST_CASE("the ends of partitions that may not be known are an error at once, with topic and reason") {
  mock_cluster kafka;
  kafka.create_topic("lines", 1);
  kafka.fail_requests(to_list_offsets, {no_permission_for_topic, no_permission_for_topic});
  const kafka_admin admin{kafka.brokers()};
  CHECK_THAT(error_of([&] { (void)admin.end_offsets("lines"); }), Contains("lines/0") && Contains("authorization failed"));
}
