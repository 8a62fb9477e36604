#include <leat/apps/leat/kafka/record_text.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/tests/apps/leat_kafka_fixture.hpp>
#include <leat/tests/support/servers/apicurio_server.hpp>

#include <catch2/catch.hpp>

#include <regex>

using namespace leat;
using namespace leat::testing;
using namespace std::string_literals;
using Catch::Contains;

namespace {

/// A topic of its own, whose schemas are in the shared registry.
struct registered_topic : leat_kafka_fixture {
  /// Confluent's client for Python writes records of a kind.
  void write(const std::string& kind) const {
    (void)registry.run_python("confluent_values.py", {kind, brokers, registry.url(), name});
  }

  void feed(const std::string& to, std::optional<std::string> key, const std::string& value) const {
    kafka_feeder feeder{brokers};
    feeder.send(to, std::move(key), value);
    feeder.flush();
  }

  /// What a command prints, ids of schemas as 0: what numbers a registry gives is its own.
  std::string printed(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--registry", registry.url()});
    return std::regex_replace(output(std::move(arguments)), std::regex{R"re((_schema_id":|schema )\d+)re"}, "$010");
  }

  apicurio_server& registry = apicurio_server::shared();
  const std::string name = topic("registered");
};

} // namespace

TEST_CASE("what a key or a value says stands in its place, and what it does not say behind its bytes") {
  using namespace leat::cli;
  CHECK(shown(payload{"\0\0"s, 7, "{\"a\":\"\u009b\"}", ""}) == "{\"a\":\"\\xc2\\x9b\"}");
  CHECK(shown(payload{"\0x"s, 7, "", "not\nthere"}) == "\\x00x (not\\x0athere)");
  CHECK(shown(payload{std::nullopt}, tombstone) == "(tombstone)");
  json_writer json;
  {
    json_object object{json};
    write_payload(object, "key", {"k"});
    write_payload(object, "value", {"\0x"s, 7, "[1]", ""});
    write_payload(object, "other", {"\0x"s, 8, "", "why"});
  }
  CHECK(
    json.text() == "{\"key\":\"k\",\"value\":[1],\"value_schema_id\":7,"
                   "\"other\":\"\\u0000x\",\"other_schema_id\":8,\"other_error\":\"why\"}");
}

TEST_CASE_METHOD(registered_topic, "what Confluent's client has written in Avro is shown as JSON, keys too", "[.real]") {
  write("avro");
  const auto all = printed({"consume", name, "--json"});
  CHECK_THAT(
    all, Contains(R"("key":1,"key_schema_id":0,"value":{"id":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6",)"
                  R"("placed":"2024-05-01T12:00:00.250001Z","due":"2024-05-31","total":-12.50,)"
                  R"("ship_to":{"street":"Rue de l’Étoile"},"tags":{"n":5,"s":"five"}},"value_schema_id":0,"headers")"));
  CHECK_THAT(
    all, Contains(R"("key":-2,"key_schema_id":0,)") &&
           Contains(R"("due":null,"total":0.00,"ship_to":null,"tags":{}},"value_schema_id":0)"));
  CHECK_THAT(
    output({"consume", name, "--schema-ids", "--limit", "1", "--registry", registry.url()}),
    Contains("KEY SCHEMA  VALUE SCHEMA  KEY  VALUE\n") && Contains("  1    {\"id\":\"f81d4fae"));
  CHECK(output({"consume", name, "--raw", "--registry", "http://127.0.0.1:1"}).front() == '\0');
}

TEST_CASE_METHOD(registered_topic, "what Confluent's client has written in Protobuf is shown as JSON", "[.real]") {
  write("protobuf");
  const auto all = printed({"consume", name, "--json"});
  CHECK_THAT(
    all, Contains(R"("key":"ada","value":{"id":"a","total_cents":"5","kind":"PEN","placed":"2024-05-01T12:00:00.250001Z",)"
                  R"("lines":[{"count":-3},{}]},"value_schema_id":0)"));
  CHECK_THAT(all, Contains(R"("key":"bob","value":{"count":7},"value_schema_id":0)"));
}

TEST_CASE_METHOD(registered_topic, "what cannot be shown by a schema is shown as it is, with the reason", "[.real]") {
  feed(name, "k", "plain");
  feed(name, "\0\x7f\xff\xff\xffk"s, "\0\x7f\xff\xff\xff\2a"s);
  const auto all = printed({"consume", name, "--json"});
  CHECK_THAT(all, Contains(R"("key":"k","value":"plain","value_error":"not in Confluent's wire format","headers")"));
  CHECK_THAT(all, Contains(R"("key_schema_id":0,"key_error":"schema 0 is not in the registry: )"));
  CHECK_THAT(all, Contains(R"("value_schema_id":0,"value_error":"schema 0 is not in the registry: )"));
  CHECK_THAT(printed({"consume", name}), Contains(" k  ") && Contains("plain (not in Confluent's wire format)\n"));
  CHECK_THAT(output({"consume", name, "--json"}), Contains(R"("value":"plain","headers")") && !Contains("_error"));
}

TEST_CASE_METHOD(registered_topic, "dead letters are shown by the schema that they were written with", "[.real]") {
  write("avro");
  const auto letters = topic("registered");
  output({"topics", "create", letters + "-dlq"});
  auto value = output({"consume", name, "--raw", "--limit", "1"});
  value.pop_back(); // the end of the line
  feed(letters + "-dlq", std::nullopt, value);
  CHECK_THAT(printed({"dlq", "show", letters}), Contains("\n  schema   ") && Contains("payload  {\"id\":\"f81d4fae"));
  CHECK_THAT(printed({"dlq", "show", letters, "--json"}), Contains(R"("payload":{"id":"f81d4fae)"));
  CHECK_THAT(output({"dlq", "show", letters}), Contains("payload  \\x00"));
}

TEST_CASE_METHOD(registered_topic, "a registry that does not answer ends the command before the first record", "[.real]") {
  const auto result = leat({"consume", name, "--registry", "http://127.0.0.1:1"});
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, Contains("does not answer") && Contains("127.0.0.1:1") && Contains("Is registry.url right"));
  const auto wrong = leat({"consume", name, "--registry", "somewhere"});
  CHECK(wrong.exit == 2);
  CHECK_THAT(wrong.err, Contains("--registry: registry.url"));
}
