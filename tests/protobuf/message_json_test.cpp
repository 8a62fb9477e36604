#include "message_fixture.hpp"

#include <leat/base/error.hpp>
#include <leat/connectors/formats/protobuf/message_json.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

/// The same names as those of a class of this program, but not the same message.
const writer_schema other_shop{
  .text = R"(syntax = "proto3"; package shop; import "money.proto";
             message Order { message Line { string what = 1; money.amount price = 2; } repeated Line lines = 1; int64 number = 2; }
             message Other { string text = 1; })",
  .beside = {{.name = "money.proto", .text = R"(syntax = "proto3"; package money; message amount { sint32 cents = 1; })"}}};

std::string shown(std::vector<int> place, std::string_view bytes) {
  const auto made = message_json{other_shop}.show(place, bytes);
  CHECK(made.json.empty() != made.refusal.empty());
  return made.json.empty() ? "refused: " + made.refusal : made.json;
}

} // namespace

TEST_CASE("bytes become JSON by the schema that they were written with, and the place of their message in it") {
  CHECK(
    shown({0}, "\x0a\x07\x0a\1a\x12\2\x08\5\x10\x2a") == R"({"lines":[{"what":"a","price":{"cents":-3}}],"number":"42"})");
  CHECK(shown({}, "") == "{}");
  CHECK(shown({0, 0}, "\x0a\1a") == R"({"what":"a"})");
  CHECK(shown({1}, "\x0a\1a") == R"({"text":"a"})");
}

TEST_CASE("bytes that are no such message are refused with the place where it is wrong") {
  CHECK(shown({0}, "\x0a\x07\x0a\1") == "refused: field `lines`: the message ends too early, or is no Protobuf");
  CHECK(shown({0}, "\x0a\3\x0a\1\xff") == "refused: field `lines.what`: byte 0 of the text is not UTF-8");
  CHECK(shown({0}, "\x10") == "refused: field `number`: the message ends too early, or is no Protobuf");
  CHECK(shown({0}, "no") == "refused: the message ends too early, or is no Protobuf");
  CHECK(shown({2}, "") == "refused: the .proto file has no message at the place 2");
}

TEST_CASE("a schema that cannot be understood is refused") {
  CHECK_THROWS_WITH(message_json{{.text = "message {"}}, Contains("line 1"));
  CHECK_THROWS_WITH(
    (message_json{{.text = R"(syntax = "proto3"; import "gone.proto"; message m {})"}}), Contains("gone.proto"));
}
