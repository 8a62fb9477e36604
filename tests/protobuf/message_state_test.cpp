#include "message_fixture.hpp"

#include <leat/base/encodable.hpp>
#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoded/encoded_value.hpp>
#include <leat/base/encoded/type_change.hpp>
#include <leat/base/error.hpp>
#include <leat/base/footprint.hpp>
#include <leat/connectors/formats/json/encoded_json.hpp>
#include <leat/connectors/formats/protobuf.hpp>
#include <leat/connectors/formats/protobuf/message_definition.hpp>
#include <leat/connectors/formats/protobuf/proto_schema.hpp>
#include <leat/messages/record_codec.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>
#include <legacy.pb.h>
#include <shop_later.pb.h>

#include <map>
#include <optional>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;
using google::protobuf::util::MessageDifferencer;

namespace {

struct basket {
  std::string owner;
  std::optional<shop::Order> last;
  std::vector<shop::Order> all;
};
BOOST_DESCRIBE_STRUCT(basket, (), (owner, last, all))

std::string in_json(const encoded_type& type, std::string_view bytes) {
  json_writer to;
  write_json(to, &type, bytes);
  return std::string{to.text()};
}

} // namespace

TEST_CASE("a message is saved and loaded, also one that lacks what it has to have") {
  random_messages random{2};
  for (int i = 0; i < 500; ++i) {
    const auto order = random.order();
    REQUIRE(MessageDifferencer::Equals(decoded<shop::Order>(encoded(order)), order));
  }
  CHECK_FALSE(decoded<shop::Payment>(encoded(shop::Payment{})).has_id());
  CHECK_THROWS_WITH(
    decoded<shop::Order>("\2\x12\5"), Contains("a saved message `shop.Order` cannot be read: field `customer_id`"));
}

TEST_CASE("a message that has no form in JSON is shown by its bytes, in a letter or a look at the state") {
  shop::Order late;
  late.mutable_at()->set_seconds(1'000'000'000'000'000); // in the year 31,690,708
  CHECK(in_json(encoded_type_of<shop::Order>(), encoded(late)).starts_with(R"({"$bytes":")"));
  CHECK(in_json(encoded_type_of<shop::Order>(), encoded(some_order())).starts_with(R"({"id":)"));
}

TEST_CASE("equal messages have equal bytes, in whatever order a map was filled") {
  shop::Order up, down;
  for (int i = 0; i < 100; ++i) {
    (*up.mutable_stock())[std::to_string(i)] = i;
    (*down.mutable_stock())[std::to_string(99 - i)] = 99 - i;
  }
  CHECK(encoded(up) == encoded(down));
}

TEST_CASE("messages are parts of other saved values") {
  static_assert(encodable<basket>);
  const basket b{"ada", some_order(), {some_order(), {}}};
  const auto bytes = encoded(b);
  CHECK(encoded(decoded<basket>(bytes)) == bytes);
  byte_reader from{bytes};
  read_past(encoded_type_of<basket>(), from);
  CHECK(from.rest().empty());
}

TEST_CASE("a saved message is shown as JSON by whoever has read its type, without its class") {
  const auto type = parse_encoded_type(type_text(encoded_type_of<basket>()));
  CHECK(type_text(*type) == type_text(encoded_type_of<basket>()));
  CHECK(shown_type_text(*type) == R"({owner: text, last: optional<message<"shop.Order">>, all: [message<"shop.Order">]})");
  CHECK(
    in_json(*type, encoded(basket{"ada", some_order(), {}})) ==
    R"({"owner":"ada","last":{"id":"7","customer_id":"ada","at":"2023-11-14T22:13:20Z","items":[{"sku":"pear","quantity":-2,)"
    R"("price":1.5}],"stock":{"pear":"3"},"status":"PAID","card":"visa"},"all":[]})");
  CHECK_THROWS_AS(in_json(*parse_encoded_type(R"(message<"shop.Order", "zz">)"), encoded(shop::Order{})), state_error);
  CHECK_THROWS_AS(parse_encoded_type(R"(message<"shop.Order">)"), state_error);
}

TEST_CASE("a message whose definition has changed stays what it is, unless a field has become something else") {
  const auto before = parse_encoded_type(type_text(encoded_type_of<shop::Order>()));
  const type_change none{*before, encoded_type_of<shop::Order>(), type_change::changing::value};
  CHECK(none.same_bytes());
  CHECK(none.converted().empty());

  const auto other = parse_encoded_type(R"(message<"shop.Item", "">)");
  const type_change name{*other, encoded_type_of<shop::Order>(), type_change::changing::value};
  CHECK(name.refused() == std::vector<std::string>{R"(was message<"shop.Item">, is now message<"shop.Order">)"});
}

TEST_CASE(
  "a saved message of which a field was something else is refused before it is read; one that has gained fields is not") {
  const auto change_of = [](std::string_view fields) {
    const auto text = fmt::format(R"(syntax = "proto3"; package shop; message Order {{ {} }})", fields);
    const auto saved = proto_schema::parse(text, "shop.Order");
    const auto stored = parse_encoded_type(fmt::format(R"(message<"shop.Order", "{}">)", definition_of(saved->message())));
    return type_change{*stored, encoded_type_of<shop::Order>(), type_change::changing::value};
  };
  const auto gained = change_of("uint32 number = 1; bool gone = 99;");
  CHECK(gained.same_bytes());
  CHECK(gained.converted() == std::vector<std::string>{"has another definition of shop.Order"});
  CHECK(
    change_of("int64 id = 1; bytes customer_id = 2; string items = 4;").refused() ==
    std::vector<std::string>{"field 4 (`items`) was string, is now repeated message"});
  CHECK(
    change_of("message Item { int32 quantity = 2; } repeated Item items = 4;").refused() ==
    std::vector<std::string>{"field 2 (`items.quantity`) was int32, is now sint32"});
}

TEST_CASE("messages of one definition are read by another as Protobuf does, by the numbers of fields") {
  shop::Order order = some_order();
  order.clear_items();
  const auto read = decoded<shop::later::Order>(encoded(order));
  CHECK(read.id() == 7);
  CHECK(read.customer() == "ada");
  CHECK(read.country().empty());
  CHECK(encoded(decoded<shop::Order>(encoded(read))) == encoded(order)); // what it did not know was kept
}

TEST_CASE("batches of messages are written as bytes at a checkpoint, and weigh what they hold") {
  const auto kind = record_kind_of<shop::Order>();
  REQUIRE(kind.codec);
  auto batch = leat::batch<shop::Order>::fresh();
  batch->push(some_order(), from_millis(5));
  batch->push(shop::Order{}, from_millis(6));
  std::string bytes;
  byte_writer to{bytes};
  kind.codec->encode(*batch, 0, to);
  byte_reader from{bytes};
  const auto again = kind.codec->decode(from);
  CHECK(again->size() == 2);
  CHECK(MessageDifferencer::Equals(leat::batch<shop::Order>::of(*again).records()[0], some_order()));
  CHECK(footprint(shop::Order{}) == sizeof(shop::Order));
  const auto order = some_order();
  CHECK(footprint(order) > order.SpaceUsedLong() / 2);
  CHECK(footprint(order) < order.SpaceUsedLong() * 2);
  static_assert(!has_fixed_footprint<shop::Order>());
}
