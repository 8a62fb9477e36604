#include "registry_fixture.hpp"

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using namespace std::string_literals;
using Catch::Matchers::Contains;
using shop::purchase;

namespace {

std::string encoded(const format& with, const purchase& record) {
  encoded_records out;
  std::vector<rejection> rejected;
  with.make_encoder(schema_of<purchase>())->encode(&record, sizeof record, 1, out, rejected);
  CHECK(rejected.size() == (out[0].empty() ? 1 : 0));
  return std::string{out[0]};
}

/// A registry that knows the schema of every sink as 42.
struct generous_registry : scripted_registry {
  generous_registry() { answers("POST /subjects/orders-value", {{.body = R"({"id":42})"}}); }

  registry_job job{{url()}};
};

} // namespace

TEST_CASE("a record that is written has the id of its schema before it; one that is refused has nothing") {
  generous_registry registry;
  const auto avro_with_id = registry.job.open(registered_avro, format_use::way::writes);
  CHECK(encoded(*avro_with_id, {"a", 1, {}}) == "\0\0\0\0\x2a\2a\2\0"s);
  CHECK(encoded(*avro_with_id, {"\xff", 1, {}}).empty());
  const auto protobuf_with_id = registry.job.open(registered_protobuf, format_use::way::writes);
  CHECK(encoded(*protobuf_with_id, {"a", 1, {}}) == "\0\0\0\0\x2a\0\x0a\1a\x10\1"s);
}

TEST_CASE("a message that is not the first of its file has its place before it") {
  static constinit const protobuf_format second{
    {.proto = R"(syntax = "proto3"; message other {} message outer {
                  message purchase { string id = 1; int64 quantity = 2; optional string note = 3; } message inner {} })",
     .message = "outer.purchase"}};
  static constinit const registered_format registered{second};
  generous_registry registry;
  const auto with_id = registry.job.open(registered, format_use::way::writes);
  CHECK(encoded(*with_id, {"a", 1, {}}) == "\0\0\0\0\x2a\4\2\0\x0a\1a\x10\1"s);
}

TEST_CASE("a sink asks for the schema of its records, a source for the latest one, before any record") {
  generous_registry registry;
  (void)registry.job.open(registered_avro, format_use::way::writes);
  CHECK_THAT(registry.last().body, Contains("quantity"));
  (void)registry.job.open(registered_avro, format_use::way::reads);
  CHECK(registry.asked() == strings{"POST /subjects/orders-value", "GET /subjects/orders-value/versions/latest"});
}

TEST_CASE("what was not opened knows no registry, and says so") {
  CHECK_THROWS_WITH(registered_avro.make_decoder(schema_of<purchase>()), Contains("for topics of Kafka"));
  CHECK_THROWS_WITH(registered_avro.make_encoder(schema_of<purchase>()), Contains("use `avro` as it is"));
}

TEST_CASE("other formats are themselves where they are opened") {
  const auto opened = avro.opened({});
  CHECK(opened.get() == &avro);
}
