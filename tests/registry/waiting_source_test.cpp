#include "../support/wait_until.hpp"
#include "topic_fixture.hpp"

#include <leat/connectors/kafka/mock_cluster.hpp>
#include <leat/connectors/registry/confluent_wire.hpp>
#include <leat/connectors/registry/registry_client.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace leat;
using namespace leat::testing;
using namespace std::string_literals;
using shop::purchase;

TEST_CASE("a source keeps records whose schema is not known, is not caught up meanwhile, and then goes on in order") {
  mock_cluster kafka;
  kafka.create_topic("orders", 1);
  kafka_feeder feeder{kafka.brokers()};
  const auto known = registered_prefix(1, {}) + "\2a\2\0"s, unknown = registered_prefix(2, {}) + "\2b\4\0"s;
  for (const auto& payload : {known, unknown, known, "junk"s})
    feeder.send("orders", {}, payload);
  feeder.flush();
  scripted_registry registry;
  const auto schema = schema_body("AVRO", avro.schema_text(schema_of<purchase>())); // what a registry is told, it tells
  registry.answers("GET /schemas/ids/1", {{.body = schema}});
  registry.answers("GET /schemas/ids/2", {{.status = 503}});
  registry_job job{{registry.url()}};
  add_kafka(job, kafka.brokers());

  topic_reading<purchase> from{job.context(), "orders", registered_avro};
  from.read(1);
  wait_until("the second schema to be asked for twice", std::chrono::seconds{10}, [&] {
    CHECK(from.read_once() != read_status::ended);
    return std::ranges::count(registry.asked(), "GET /schemas/ids/2") >= 2;
  });
  CHECK(from.read_once() == read_status::drained);
  CHECK(from.records == std::vector<purchase>{{"a", 1, {}}});
  CHECK(from.reader().position() == 1);
  CHECK_FALSE(from.reader().caught_up());

  registry.answers("GET /schemas/ids/2", {{.body = schema}});
  from.read(4);
  CHECK(from.records == std::vector<purchase>{{"a", 1, {}}, {"b", 2, {}}, {"a", 1, {}}});
  REQUIRE(from.letters.size() == 1);
  CHECK(from.letters.front().offset == 3);
  CHECK(from.reader().position() == 4);
}
