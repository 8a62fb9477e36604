#include "../support/captured_log.hpp"
#include "../support/wake_up.hpp"
#include "registry_fixture.hpp"

#include <leat/connectors/formats/avro/avro_schema.hpp>
#include <leat/connectors/registry/registered_decoder.hpp>

#include <catch2/catch.hpp>

#include <atomic>

using namespace leat;
using namespace leat::testing;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Catch::Matchers::Contains;
using shop::purchase;

namespace {

using outcome = registry_answer::outcome;

constexpr auto as_written = R"({"type":"record","name":"p","fields":[
  {"name":"id","type":"string"},{"name":"quantity","type":"long"},{"name":"note","type":["null","string"]}]})";
constexpr auto turned_around = R"({"type":"record","name":"p","fields":[
  {"name":"quantity","type":"int"},{"name":"extra","type":"boolean"},{"name":"id","type":"string"}]})";

/// A decoder of purchases, whose registry is a function.
class reading {
public:
  explicit reading(schema_cache::fetch registry, const schema_format& inner = avro)
    : cache_{std::make_shared<schema_cache>(std::move(registry), "source \"orders\"")}, decoder_{
                                                                                          inner, schema_of<purchase>(),
                                                                                          cache_} {}

  /// Decodes what is ready, as a source does, until all is done.
  void read(const strings& payloads) {
    std::vector<raw_record> all;
    for (const auto& p : payloads)
      all.emplace_back().payload = p;
    for (std::size_t done = 0; done < all.size();) {
      const auto rest = std::span{all}.subspan(done);
      const auto count = decoder_.ready(rest, wake.as_waker());
      if (count == 0) {
        REQUIRE(wake.wait());
        continue;
      }
      std::vector<purchase> slots(count);
      std::vector<rejection> rejected;
      slots.resize(decoder_.decode(rest.first(count), slots.data(), sizeof(purchase), rejected));
      records.insert(records.end(), slots.begin(), slots.end());
      for (const auto& r : rejected)
        refused.emplace_back(done + r.index, r.reason);
      done += count;
      ++calls;
    }
  }

  [[nodiscard]] std::size_t ready(const std::string& payload) {
    std::vector<raw_record> one(1);
    one.front().payload = payload;
    return decoder_.ready(one, wake.as_waker());
  }

  wake_up wake;
  std::vector<purchase> records;
  std::vector<std::pair<std::size_t, std::string>> refused; // by place
  int calls = 0;

private:
  std::shared_ptr<schema_cache> cache_;
  registered_decoder decoder_;
};

std::string with_schema(std::uint32_t id, const std::string& bytes) { return registered_prefix(id, {}) + bytes; }

} // namespace

TEST_CASE("each record is read by the schema that it names") {
  reading from{[](std::uint32_t id, const std::stop_token&) { return found(id, id == 1 ? as_written : turned_around); }};
  from.read(
    {with_schema(1, "\2a\2\0"s), with_schema(2, "\4\1\2b"s), with_schema(2, "\6\0\2c"s), with_schema(1, "\2d\10\2\2n"s)});
  CHECK(from.records == std::vector<purchase>{{"a", 1, {}}, {"b", 2, {}}, {"c", 3, {}}, {"d", 4, "n"}});
  CHECK(from.refused.empty());
}

TEST_CASE("refused records keep their place among those of several schemas") {
  reading from{[](std::uint32_t id, const std::stop_token&) { return found(id, as_written); }};
  from.read(
    {with_schema(1, "\2a\2\0"s), R"({"id":1})", with_schema(1, "\2"s), with_schema(2, "\2b\2\0"s), with_schema(2, "\2"s),
     ""});
  CHECK(from.records.size() == 2);
  REQUIRE(from.refused.size() == 4);
  CHECK(from.refused[0].first == 1);
  CHECK_THAT(from.refused[0].second, Contains("not in Confluent's wire format"));
  CHECK(from.refused[1].first == 2);
  CHECK_THAT(from.refused[1].second, Contains("ends too early"));
  CHECK(from.refused[2].first == 4);
  CHECK(from.refused[3].first == 5);
}

TEST_CASE("records whose schema is not known wait, those before them do not") {
  std::atomic<bool> up = false;
  std::atomic<int> asked = 0;
  captured_log log;
  reading from{[&](std::uint32_t id, const std::stop_token&) {
    ++asked;
    return id == 1 || up ? found(id, as_written) : failed(outcome::unreachable, "http://registry: no route");
  }};
  from.read({with_schema(1, "\2a\2\0"s)});
  CHECK(from.ready(with_schema(1, "\2a\2\0"s)) == 1);
  CHECK(asked == 1);
  CHECK(from.ready(with_schema(2, "\2b\2\0"s)) == 0);
  while (asked < 4)
    std::this_thread::yield();
  CHECK(from.ready(with_schema(2, "\2b\2\0"s)) == 0);
  up = true;
  from.read({with_schema(1, "\2a\2\0"s), with_schema(2, "\2b\2\0"s)});
  CHECK(from.records.size() == 3);
  CHECK(log.count("warning: source \"orders\": cannot get schema 2, its records wait: http://registry: no route") == 1);
  CHECK(log.count("info: source \"orders\": the schema registry answers again") == 1);
}

TEST_CASE("all schemas that are missing are asked for at once") {
  std::atomic<int> asked = 0;
  reading from{[&](std::uint32_t id, const std::stop_token&) {
    ++asked;
    return found(id, as_written);
  }};
  std::vector<std::string> payloads;
  for (std::uint32_t id = 1; id <= 50; ++id)
    payloads.push_back(with_schema(id, "\2a\2\0"s));
  from.read(payloads);
  CHECK(from.records.size() == 50);
  CHECK(asked == 50);
}

TEST_CASE("a schema that the registry does not have is asked for three times, then its records are refused") {
  std::atomic<int> asked = 0;
  reading from{[&](std::uint32_t, const std::stop_token&) {
    ++asked;
    return failed(outcome::absent, "http://registry answers 404: Schema not found");
  }};
  from.read({with_schema(9, "\2a\2\0"s), with_schema(9, "\2a\2\0"s)});
  CHECK(asked == schema_cache::asked_before_absent);
  REQUIRE(from.refused.size() == 2);
  CHECK(from.refused[0].second == "schema 9 is not in the registry: http://registry answers 404: Schema not found");
  from.read({with_schema(9, "\2a\2\0"s)});
  CHECK(asked == schema_cache::asked_before_absent);
}

TEST_CASE("a schema that one of the registry's servers does not have yet is no reason to refuse") {
  std::atomic<int> asked = 0;
  reading from{[&](std::uint32_t id, const std::stop_token&) {
    return ++asked < 3 ? failed(outcome::absent, "not yet") : found(id, as_written);
  }};
  from.read({with_schema(9, "\2a\2\0"s)});
  CHECK(from.records.size() == 1);
}

TEST_CASE("schemas that are of another kind, damaged, or of other records refuse their records with the reason") {
  reading from{[](std::uint32_t id, const std::stop_token&) {
    return id == 1   ? found(id, "syntax = \"proto3\";", "PROTOBUF")
           : id == 2 ? found(id, "{nonsense")
                     : found(id, R"({"type":"record","name":"p","fields":[{"name":"id","type":"string"}]})");
  }};
  from.read({with_schema(1, "\2a"s), with_schema(2, "\2a"s), with_schema(3, "\2a"s)});
  REQUIRE(from.refused.size() == 3);
  CHECK(from.refused[0].second == "schema 1 is of the kind PROTOBUF, not AVRO");
  CHECK_THAT(from.refused[1].second, Contains("written with schema 2: the Avro schema is no JSON"));
  CHECK_THAT(from.refused[2].second, Contains("written with schema 3") && Contains("quantity"));
}

TEST_CASE("a message of Protobuf is found by its place, also by numbers that are the writer's own") {
  reading from{
    [](std::uint32_t id, const std::stop_token&) {
      return found(
        id, R"(syntax = "proto3"; message Other { int32 x = 1; message purchase { int64 quantity = 5; string id = 6; } }
               message purchase { string id = 1; int64 quantity = 2; optional string note = 3; })",
        "PROTOBUF");
    },
    protobuf};
  from.read(
    {registered_prefix(1, {1}) + "\x0a\1a\x10\7"s, registered_prefix(1, {0, 0}) + "\x28\x09\x32\1b"s,
     registered_prefix(1, {4}) + "\x0a\1a"s});
  CHECK(from.records == std::vector<purchase>{{"a", 7, {}}, {"b", 9, {}}});
  REQUIRE(from.refused.size() == 1);
  CHECK_THAT(from.refused[0].second, Contains("no message at the place 4"));
}

TEST_CASE("a message of Protobuf may have parts of other files, which come with its schema") {
  reading from{
    [](std::uint32_t id, const std::stop_token&) {
      auto answer = found(
        id,
        R"(syntax = "proto3"; import "shop/note.proto"; import "google/protobuf/timestamp.proto";
           message purchase { string id = 1; int64 quantity = 2; shop.annotation extra = 4; google.protobuf.Timestamp at = 5; })",
        "PROTOBUF");
      auto with = *answer.found;
      with.schema.beside = {
        {"shop/note.proto", R"(syntax = "proto3"; package shop; message annotation { string text = 1; })"}};
      answer.found = std::make_shared<kept_schema>(with);
      return answer;
    },
    protobuf};
  from.read({registered_prefix(1, {0}) + "\x0a\1a\x22\3\x0a\1t\x10\7"s});
  CHECK(from.records == std::vector<purchase>{{"a", 7, {}}});
}

TEST_CASE("a reader that is gone is not called any more") {
  std::atomic<bool> up = false;
  std::atomic<int> asked = 0;
  const auto cache = std::make_shared<schema_cache>(
    [&](std::uint32_t id, const std::stop_token&) {
      ++asked;
      return up ? found(id, as_written) : failed(outcome::unreachable, "down");
    },
    "source");
  int calls = 0;
  raw_record one;
  const auto payload = with_schema(1, "\2a\2\0"s);
  one.payload = payload;
  {
    registered_decoder gone{avro, schema_of<purchase>(), cache};
    CHECK(gone.ready({&one, 1}, [&] { ++calls; }) == 0);
  }
  wake_up wake;
  registered_decoder other{avro, schema_of<purchase>(), cache};
  CHECK(other.ready({&one, 1}, wake.as_waker()) == 0);
  up = true;
  REQUIRE(wake.wait());
  CHECK(other.ready({&one, 1}, wake.as_waker()) == 1);
  CHECK(calls == 0);
}

TEST_CASE("an Avro schema may name types of others that come with it") {
  const strings beside{R"({"type":"record","name":"shop.Line","fields":[{"name":"n","type":"int","default":4}]})"};
  const avro_schema both{
    R"({"type":"record","name":"shop.Order","fields":[{"name":"lines","type":{"type":"array","items":"Line"}}]})", beside};
  CHECK(to_text(*both.root().fields.front().type->parts.front()) == "record `shop.Line`");
}
