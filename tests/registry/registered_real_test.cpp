#include "../support/servers/apicurio_server.hpp"
#include "../support/servers/kafka_server.hpp"
#include "topic_fixture.hpp"

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/registry/registry_client.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;
using shop::purchase;

namespace later {

/// A purchase of a later version: one field more that may be absent.
struct purchase {
  std::string id;
  std::int64_t quantity = 0;
  std::optional<std::string> note;
  std::optional<std::int64_t> discount;
  bool operator==(const purchase&) const = default;
};
BOOST_DESCRIBE_STRUCT(purchase, (), (id, quantity, note, discount))

/// One that nobody who has older records could read.
struct strict_purchase {
  std::string id;
  std::int64_t quantity = 0;
  std::string clerk;
};
BOOST_DESCRIBE_STRUCT(strict_purchase, (), (id, quantity, clerk))

/// What Confluent's client writes in Protobuf, and Leat reads of it.
struct message {
  std::string id;
  std::int64_t total_cents = 0;
  timestamp placed;
  bool operator==(const message&) const = default;
};
BOOST_DESCRIBE_STRUCT(message, (), (id, total_cents, placed))

} // namespace later

namespace {

/// A topic of its own on the shared broker, whose schemas are in the shared registry.
struct real_topic {
  real_topic() {
    kafka_admin{kafka.brokers()}.create_topic({.name = name, .partitions = 1, .replication = 1, .configs = {}});
    add_kafka(job, kafka.brokers());
  }

  std::string python(const std::string& verb, const strings& more = {}, const std::string& script = "confluent_client.py") {
    strings arguments{verb, kafka.brokers(), registry.url(), name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return registry.run_python(script, arguments);
  }

  template <class T>
  void write(const format& as, const std::vector<T>& records) {
    write_topic<T>(job.context(), name, as, records);
  }

  template <class T>
  std::vector<T> read(const format& as, std::size_t count) {
    topic_reading<T> from{job.context(), name, as};
    from.read(count);
    CHECK(from.letters.empty());
    return from.records;
  }

  void require_backward_compatibility() {
    http_client http;
    const auto answer = http.ask(
      {.method = "PUT",
       .url = registry.url() + "/config/" + name + "-value",
       .headers = {{"Content-Type", "application/json"}},
       .body = R"({"compatibility":"BACKWARD"})"});
    REQUIRE(answer.status == 200);
  }

  kafka_server& kafka = kafka_server::shared();
  apicurio_server& registry = apicurio_server::shared();
  registry_job job{{registry.url()}};
  std::string name = fresh_topic("orders");
};

} // namespace

TEST_CASE("what Confluent's client for Python writes with two versions of a schema is read", "[.real]") {
  real_topic orders;
  orders.python("write");
  CHECK(
    orders.read<purchase>(registered_avro, 3) ==
    std::vector<purchase>{{"a", 1, {}}, {"b", 5'000'000'000, "as a gift"}, {"c", 3, {}}});
}

TEST_CASE("what is written is read by Confluent's client for Python", "[.real]") {
  real_topic orders;
  orders.write<purchase>(registered_avro, {{"a", 1, {}}, {"b", -5'000'000'000, "as a gift"}});
  CHECK(
    orders.python("read", {"2"}) == "{\"id\": \"a\", \"note\": null, \"quantity\": 1}\n"
                                    "{\"id\": \"b\", \"note\": \"as a gift\", \"quantity\": -5000000000}\n");
}

TEST_CASE("records of an older and a newer version are read as either", "[.real]") {
  real_topic orders;
  orders.write<purchase>(registered_avro, {{"old", 1, "n"}});
  orders.require_backward_compatibility();
  orders.write<later::purchase>(registered_avro, {{"new", 2, {}, 10}});
  CHECK(orders.read<purchase>(registered_avro, 2) == std::vector<purchase>{{"old", 1, "n"}, {"new", 2, {}}});
  CHECK(
    orders.read<later::purchase>(registered_avro, 2) ==
    std::vector<later::purchase>{{"old", 1, "n", {}}, {"new", 2, {}, 10}});
}

TEST_CASE("a schema that a real registry calls incompatible is refused before the first record", "[.real]") {
  real_topic orders;
  orders.write<purchase>(registered_avro, {{"old", 1, {}}});
  orders.require_backward_compatibility();
  CHECK_THROWS_WITH(
    (orders.write<later::strict_purchase>(registered_avro, {{"new", 2, "Ada"}})),
    Contains("not compatible with the latest version of subject \"" + orders.name + "-value\"") && Contains("clerk"));
  CHECK(orders.read<purchase>(registered_avro, 1).size() == 1);
  CHECK(read_topic(orders.kafka.brokers(), orders.name).size() == 1);
}

TEST_CASE("where nothing may be registered, a real registry's subjects stay as they are", "[.real]") {
  real_topic orders;
  orders.job.set("registry.register", "false");
  CHECK_THROWS_WITH((orders.write<purchase>(registered_avro, {{"a", 1, {}}})), Contains("registry.register is false"));
  orders.job.set("registry.register", "true");
  orders.write<purchase>(registered_avro, {{"a", 1, {}}});
  orders.job.set("registry.register", "false");
  orders.write<purchase>(registered_avro, {{"b", 2, {}}});
  CHECK(orders.read<purchase>(registered_avro, 2).size() == 2);
}

TEST_CASE("messages of Protobuf go there and back by a real registry", "[.real]") {
  real_topic orders;
  orders.write<purchase>(registered_protobuf, {{"a", 1, {}}, {"b", 2, "n"}});
  CHECK(
    orders.read<later::purchase>(registered_protobuf, 2) ==
    std::vector<later::purchase>{{"a", 1, {}, {}}, {"b", 2, "n", {}}});
}

TEST_CASE("messages whose schema Confluent's client for Python has registered are read", "[.real]") {
  real_topic orders;
  orders.python("protobuf", {}, "confluent_values.py");
  topic_reading<later::message> from{orders.job.context(), orders.name, registered_protobuf};
  from.read(2);
  CHECK(from.records == std::vector<later::message>{{"a", 5, from_millis(1'714'564'800'250)}});
  REQUIRE(from.letters.size() == 1); // another message of that file
  CHECK_THAT(from.letters.front().reason, Contains("written with schema") && Contains("has no field of this name"));
}

TEST_CASE("a registry is asked over TLS only when somebody who is trusted has signed its certificate", "[.real]") {
  auto& registry = apicurio_server::shared();
  registry_job job{{registry.tls_url()}};
  job.set("registry.ca-file", registry.certificate().string());
  registry_client trusting{registry_options::of(job.config())};
  CHECK(trusting.get("/subjects", {}).what == registry_answer::outcome::done);
  registry_client doubting{registry_options::of(job.set("registry.ca-file", "").config())};
  const auto refused = doubting.get("/subjects", {});
  CHECK(refused.what == registry_answer::outcome::unreachable);
  CHECK_THAT(refused.reason, Contains("certificate"));
}

TEST_CASE("a record with an id that a real registry does not have is a dead letter", "[.real]") {
  real_topic orders;
  kafka_feeder feeder{orders.kafka.brokers()};
  feeder.send(orders.name, {}, std::string{"\0\x7f\xff\xff\xff\2a\2\0", 9});
  feeder.flush();
  topic_reading<purchase> from{orders.job.context(), orders.name, registered_avro};
  from.read(1);
  REQUIRE(from.letters.size() == 1);
  CHECK_THAT(from.letters.front().reason, Contains("schema 2147483647 is not in the registry"));
}
