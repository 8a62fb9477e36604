#include "registry_fixture.hpp"

#include <leat/connectors/registry/registered_printer.hpp>

#include <catch2/catch.hpp>

#include <map>

using namespace leat;
using namespace leat::testing;
using namespace std::string_literals;
using Catch::Matchers::Contains;

namespace {

using outcome = registry_answer::outcome;

constexpr auto tags =
  R"({"type":"record","name":"t","fields":[{"name":"id","type":"string"},{"name":"of","type":"shop.Kind"}]})";
constexpr auto kinds = R"({"type":"enum","name":"shop.Kind","symbols":["BOOK","PEN"]})";
constexpr auto messages = R"(syntax = "proto3"; package shop; import "kinds.proto";
  message order { string id = 1; int64 total_cents = 2; Kind kind = 3; message line { sint32 count = 1; } })";
constexpr auto kinds_file = R"(syntax = "proto3"; package shop; enum Kind { BOOK = 0; PEN = 1; })";

/// A registry with schemas 1 to 3: Avro and Protobuf with a reference each, and JSON.
struct printing {
  printing() {
    add(1, tags, "AVRO", {"shop.Kind", kinds});
    add(2, messages, "PROTOBUF", {"kinds.proto", kinds_file});
    answers.emplace(3, found(3, "{}", "JSON"));
    answers.emplace(4, found(4, R"({"type":"array"})"));
    answers.emplace(5, found(5, "", "THRIFT"));
    answers.emplace(6, failed(outcome::absent, "no such schema"));
    answers.emplace(7, failed(outcome::refused, "who are you?"));
  }

  void add(std::uint32_t id, const std::string& text, const std::string& kind, writer_schema::other beside) {
    auto made = std::make_shared<kept_schema>(kept_schema{id, kind, {.text = text}});
    made->schema.beside.push_back(std::move(beside));
    answers.emplace(id, schema_answer{{.what = outcome::done}, std::move(made)});
  }

  std::string json(const std::string& bytes) {
    const auto record = printer.print(bytes);
    CHECK(record.schema);
    CHECK(record.value.failure.empty());
    return record.value.json;
  }

  std::string failure(const std::string& bytes) {
    const auto record = printer.print(bytes);
    CHECK(record.value.json.empty());
    return record.value.failure;
  }

  std::map<std::uint32_t, schema_answer> answers{};
  int asked = 0;
  registered_printer printer{[this](std::uint32_t id) {
    ++asked;
    const auto known = answers.find(id);
    return known == answers.end() ? failed(outcome::unreachable, "nobody there") : known->second;
  }};
};

} // namespace

TEST_CASE("values in the wire format are shown by the schema that they name, with what it refers to, asked for once") {
  printing p;
  CHECK(p.json("\0\0\0\0\1\2a\2"s) == R"({"id":"a","of":"PEN"})");
  CHECK(p.json("\0\0\0\0\1\2b\0"s) == R"({"id":"b","of":"BOOK"})");
  CHECK(p.printer.print("\0\0\0\0\1\2b\0"s).schema == 1U);
  CHECK(p.asked == 1);
}

TEST_CASE("a message of Protobuf is shown by its place in the schema") {
  printing p;
  CHECK(p.json("\0\0\0\0\2\0\x0a\1a\x10\x05\x18\1"s) == R"({"id":"a","total_cents":"5","kind":"PEN"})");
  CHECK(p.json("\0\0\0\0\2\4\0\0\x08\5"s) == R"({"count":-3})");
  CHECK_THAT(p.failure("\0\0\0\0\2\4\0\2\x08\5"s), Contains("schema 2: the .proto file has no message at the place 0.1"));
  CHECK_THAT(p.failure("\0\0\0\0\2\0\x0a\7a"s), Contains("schema 2:") && Contains("shop.order"));
  CHECK_THAT(p.failure("\0\0\0\0\2"s), Contains("no place of a message"));
  CHECK(p.asked == 1);
}

TEST_CASE("a schema of Protobuf may be a descriptor in base64, as Confluent's client for Python registers it") {
  printing p;
  p.answers.emplace(8, found(8, "Cgd4LnByb3RvEgRzaG9wIhMKBW9yZGVyEgoKAmlkGAEgASgJYgZwcm90bzM=", "PROTOBUF"));
  p.answers.emplace(9, found(9, "Cgd4LnBy", "PROTOBUF"));
  CHECK(p.json("\0\0\0\0\x8\0\x0a\1a"s) == R"({"id":"a"})");
  CHECK(p.failure("\0\0\0\0\x9\0\x0a\1a"s) == "schema 9: the .proto file is neither text nor a descriptor in base64");
}

TEST_CASE("a value with a schema of JSON is shown on one line") {
  printing p;
  CHECK(p.json("\0\0\0\0\3{\n \"a\": [1, 2]\n}"s) == R"({"a":[1,2]})");
  CHECK_THAT(p.failure("\0\0\0\0\3{"s), Contains("schema 3: is no JSON"));
}

TEST_CASE("what cannot be shown has a reason, with the id if there is one") {
  printing p;
  CHECK(p.printer.print("plain text").schema == std::nullopt);
  CHECK(p.failure("plain text") == "not in Confluent's wire format");
  CHECK(p.failure(""s) == "not in Confluent's wire format");
  CHECK(p.printer.print("\0\0\0\0\1"s).schema == 1U);
  CHECK_THAT(p.failure("\0\0\0\0\1"s), Contains("schema 1: field `id`: the value ends too early"));
  CHECK_THAT(p.failure("\0\0\0\0\4x"s), Contains("schema 4:") && Contains("\"items\""));
  CHECK_THAT(p.failure("\0\0\0\0\5x"s), Contains("schema 5: is of the kind THRIFT"));
  CHECK(p.failure("\0\0\0\0\6x"s) == "schema 6 is not in the registry: no such schema");
  CHECK(p.failure("\0\0\0\0\7x"s) == "schema 7 cannot be had: who are you?");
  const auto asked = p.asked;
  CHECK(p.failure("\0\0\0\0\6x"s) == "schema 6 is not in the registry: no such schema");
  CHECK(p.asked == asked);
}

TEST_CASE("a registry that does not answer is not asked again for each value, and what is known is shown meanwhile") {
  printing p;
  CHECK(p.json("\0\0\0\0\1\2a\2"s) == R"({"id":"a","of":"PEN"})");
  CHECK(p.failure("\0\0\0\0\x8x"s) == "schema 8 cannot be asked for: nobody there");
  CHECK(p.failure("\0\0\0\0\x9x"s) == "schema 9 cannot be asked for: nobody there");
  CHECK(p.json("\0\0\0\0\1\2b\0"s) == R"({"id":"b","of":"BOOK"})");
  CHECK(p.asked == 2);
}
