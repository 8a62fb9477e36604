#include "message_fixture.hpp"

#include <leat/base/error.hpp>
#include <leat/connectors/formats/avro.hpp>
#include <leat/connectors/formats/csv.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/formats/protobuf.hpp>
#include <leat/tests/formats/golden_bytes.hpp>

#include <basket.pb.h>
#include <catch2/catch.hpp>
#include <formats/golden/parcel.pb.h>
#include <google/protobuf/util/message_differencer.h>
#include <legacy.pb.h>
#include <shop_later.pb.h>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;
using Catch::StartsWith;
using google::protobuf::util::MessageDifferencer;

namespace {

/// A decoder of what somebody else wrote.
std::unique_ptr<decoder> reader_of(std::string text, std::vector<int> place = {}) {
  return protobuf.make_decoder_of({.text = std::move(text), .message = std::move(place)}, schema_of<shop::Order>());
}

} // namespace

TEST_CASE("messages of a class go there and back, into slots that hold stale ones") {
  random_messages random{1};
  shop::Order slot, in_json;
  for (int i = 0; i < 2'000; ++i) {
    const auto order = random.order();
    REQUIRE(read(protobuf, bytes_of(protobuf, order), slot) == "");
    REQUIRE(MessageDifferencer::Equals(slot, order));
    REQUIRE(read(json, bytes_of(json, order), in_json) == "");
    REQUIRE(MessageDifferencer::Equals(in_json, order));
  }
}

TEST_CASE("a class reads the bytes that another library wrote, and writes the same") {
  for (const auto* name : {"full", "nothing"}) {
    const auto bytes = golden_lines("protobuf_bytes.txt").at(name).bytes;
    leat::testing::parcel slot;
    REQUIRE(read(protobuf, bytes, slot) == "");
    CHECK(bytes_of(protobuf, slot) == bytes);
    CHECK(slot.text() == (name == std::string{"full"} ? "Zoë" : ""));
  }
}

TEST_CASE("bytes that are no message say where they go wrong") {
  const auto bytes = bytes_of(protobuf, some_order());
  shop::Order slot;
  CHECK(
    read(protobuf, std::string_view{bytes}.substr(0, 3), slot) ==
    "field `customer_id`: the message ends too early, or is no Protobuf");
  CHECK(read(protobuf, "\x22\3\x0a\1\xff", slot) == "field `items.sku`: byte 0 of the text is not UTF-8");
  CHECK(read(protobuf, "\x0b\x0b", slot) == "field `id`: the message ends too early, or is no Protobuf");
  const raw_record tombstone;
  std::vector<rejection> rejected;
  CHECK(protobuf.make_decoder(schema_of<shop::Order>())->decode({&tombstone, 1}, &slot, sizeof slot, rejected) == 0);
  CHECK(rejected.at(0).reason == "the value is null (a tombstone), not a message");
  for (std::size_t size = 0; size < bytes.size(); ++size) { // what is cut off ends between two fields, or is refused for it
    const auto why = read(protobuf, std::string_view{bytes}.substr(0, size), slot);
    CHECK((why.empty() || why.find("ends too early") != std::string::npos));
  }
}

TEST_CASE("records that are refused leave no gap between the others") {
  const auto good = bytes_of(protobuf, some_order());
  const std::vector<raw_record> in{
    {.key = {}, .payload = good}, {.key = {}, .payload = "\x0a"}, {.key = {}, .payload = ""}};
  std::vector<shop::Order> slots(3, some_order());
  std::vector<rejection> rejected;
  CHECK(protobuf.make_decoder(schema_of<shop::Order>())->decode(in, slots.data(), sizeof slots[0], rejected) == 2);
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].index == 1);
  CHECK(slots[0].customer_id() == "ada");
  CHECK(slots[1].ByteSizeLong() == 0);
}

TEST_CASE("fields that have to be there are named when they are not") {
  shop::Payment slot;
  CHECK(read(protobuf, "", slot) == "required fields are missing: id");
  CHECK(read(protobuf, "\x0a\1x\x12\0", slot).empty() == false);
  slot.Clear();
  slot.mutable_amount();
  CHECK(bytes_of(protobuf, slot) == "refused: required fields are missing: id, amount.cents");
  CHECK(read(json, R"({"id":"x","amount":{}})", slot) == "is not this message as JSON: (amount): missing field cents");
}

TEST_CASE("a message as JSON is refused with what is wrong") {
  shop::Order slot;
  CHECK_THAT(read(json, R"({"id":"x"})", slot), Contains("id"));
  CHECK_THAT(read(json, "{", slot), StartsWith("is not this message as JSON"));
  CHECK(read(json, R"({"id":5,"more":1})", slot) == "");
  CHECK(slot.id() == 5);
  shop::Payment bad;
  bad.set_id("\xff");
  CHECK(bytes_of(json, bad) == "refused: has no form in JSON: field `id`: byte 0 of the text is not UTF-8");
}

TEST_CASE("formats of described structs refuse classes of Protobuf's") {
  CHECK_THROWS_WITH(avro.make_encoder(schema_of<shop::Order>()), Contains("`shop.Order` are messages of Protobuf"));
  CHECK_THROWS_WITH(csv.make_decoder(schema_of<shop::Order>()), Contains("protobuf and json only"));
  const protobuf_format with_text{{.proto = R"(syntax = "proto3"; message Order {})"}};
  CHECK_THROWS_WITH(with_text.make_decoder(schema_of<shop::Order>()), Contains("name the format without one"));
}

TEST_CASE("a class is registered as the file that it was made from, and the place of its message there") {
  const auto text = protobuf.schema_text(schema_of<shop::Order>());
  CHECK_THAT(text, StartsWith("syntax = \"proto3\";"));
  CHECK_THAT(text, Contains("import \"google/protobuf/timestamp.proto\";"));
  CHECK_THAT(text, Contains("map<string, int64> stock = 5;"));
  CHECK(protobuf.message_place(schema_of<shop::Order>()) == std::vector<int>{0});
  CHECK(protobuf.message_place(schema_of<shop::Order::Item>()) == std::vector<int>{0, 0});
  CHECK_THROWS_WITH(protobuf.schema_text(schema_of<shop::Basket>()), Contains("basket.proto imports shop.proto"));
}

TEST_CASE("a class reads what others wrote by the numbers of fields, if the message has its name") {
  const auto bytes = bytes_of(protobuf, some_order());
  shop::Order slot;
  CHECK(read(*reader_of(protobuf.schema_text(schema_of<shop::Order>())), bytes, slot) == "");
  CHECK(MessageDifferencer::Equals(slot, some_order()));
  const std::string renamed =
    R"(syntax = "proto3"; package shop; message Other {} message Order { string who = 2; uint32 id = 1; string more = 40; })";
  CHECK(read(*reader_of(renamed, {1}), "\x08\5\x12\3\x62ob\xc2\2\1x", slot) == "");
  CHECK(slot.id() == 5);
  CHECK(slot.customer_id() == "bob");
  CHECK(bytes_of(protobuf, slot) == "\x08\5\x12\3\x62ob\xc2\2\1x"); // with the field that it does not know
  CHECK_THROWS_WITH(reader_of(renamed, {0}), Contains("the message is `shop.Other`, not `shop.Order`"));
  CHECK_THROWS_WITH(
    reader_of(R"(syntax = "proto3"; package shop; message Order { int64 customer = 2; })"),
    Contains("field 2 (`customer_id`) was int64, is now string"));
  CHECK_THROWS_WITH(
    reader_of(R"(syntax = "proto3"; package shop; message Order { repeated int64 ids = 1; })"),
    Contains("field 1 (`id`) was repeated int64, is now int64"));
}
