#include "message_fixture.hpp"

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/formats/dynamic_protobuf.hpp>
#include <leat/connectors/formats/json/encoded_json.hpp>
#include <leat/connectors/formats/protobuf.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/testing.hpp>

#include <basket.pb.h>
#include <catch2/catch.hpp>
#include <google/protobuf/descriptor.pb.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

using namespace leat;
using namespace leat::testing;
using namespace std::string_literals;
using Catch::Contains;

namespace {

constexpr auto shop_text = R"(syntax = "proto3"; package shop; import "google/protobuf/timestamp.proto";
  message Order {
    message Line { string sku = 1; double price = 2; }
    enum Kind { PLAIN = 0; GIFT = 1; }
    int64 id = 1; string customer_id = 2; google.protobuf.Timestamp at = 3; repeated Line lines = 4; Line first = 5;
    Kind kind = 6; uint64 large = 7; bool paid = 8; optional float rate = 9;
  })";

constinit const dynamic_protobuf_format shop_format{{.proto = shop_text, .message = "shop.Order"}};

const std::string bytes = "\x08\x07\x12\3\x61\x64\x61\x1a\2\x08\x05\x2a\3\x0a\1s\x30\1\x40\1\x4d\0\0\0\x3f"s;

protobuf_message some() {
  protobuf_message m;
  CHECK(read(shop_format, bytes, m) == "");
  return m;
}

std::string why(const auto& call) {
  try {
    (void)call();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "nothing";
}

/// A file of descriptors, as protoc makes it.
struct descriptor_file {
  explicit descriptor_file(bool with_imports) {
    google::protobuf::FileDescriptorSet files;
    shop::Order::descriptor()->file()->CopyTo(files.add_file());
    if (!with_imports)
      files.clear_file();
    shop::Basket::descriptor()->file()->CopyTo(files.add_file());
    std::ofstream{path, std::ios::binary} << files.SerializeAsString();
  }
  ~descriptor_file() { std::filesystem::remove(path); }

  const std::string path =
    (std::filesystem::temp_directory_path() / ("leat-shop-" + std::to_string(std::rand()) + ".desc")).string();
};

} // namespace

TEST_CASE("fields of a message that is known at run time are read by their names") {
  const auto m = some();
  CHECK(m.type() == "shop.Order");
  CHECK(m.integer("id") == 7);
  CHECK(m.number("id") == 7.0);
  CHECK(m.text("customer_id") == "ada");
  CHECK(m.time("at") == from_millis(5'000));
  CHECK(m.text("first.sku") == "s");
  CHECK(m.number("first.price") == 0.0);
  CHECK(m.text("kind") == "GIFT");
  CHECK(m.integer("kind") == 1);
  CHECK(m.boolean("paid"));
  CHECK(m.number("rate") == 0.5);
  CHECK(m.has("rate"));
  CHECK_FALSE(m.has("lines"));
  CHECK_FALSE(m.has("large"));
  CHECK(
    m.json() ==
    R"({"id":"7","customer_id":"ada","at":"1970-01-01T00:00:05Z","first":{"sku":"s"},"kind":"GIFT","paid":true,"rate":0.5})");
  CHECK(bytes_of(shop_format, m) == bytes);
}

TEST_CASE("a field that there is not, or that is something else, is an error that says what there is") {
  auto m = some();
  CHECK(
    why([&] { return m.text("customer"); }) ==
    "message `shop.Order` has no field `customer`; it has id, customer_id, at, lines, first, kind, large, paid, rate");
  CHECK(why([&] { return m.text("first.name"); }) == "message `shop.Order.Line` has no field `name`; it has sku, price");
  CHECK(why([&] { return m.text("id"); }) == "field `id` of message `shop.Order` is int64, not a text");
  CHECK(
    why([&] { return m.number("lines"); }) == "field `lines` of message `shop.Order` is repeated message, not a number");
  CHECK(why([&] { return m.text("id.more"); }) == "field `id` of message `shop.Order` is int64, not a message");
  CHECK(why([&] { return m.boolean("id"); }) == "field `id` of message `shop.Order` is int64, not a bool");
  CHECK(why([&] {
          return m.time("first");
        }) == "field `first` of message `shop.Order` is message, not a google.protobuf.Timestamp");
  CHECK(why([&] { return protobuf_message{}.text("id"); }) == "a message of no type has no field `id`");
  CHECK(read(shop_format, "\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", m) == "");
  CHECK_THAT(why([&] { return m.integer("large"); }), Contains("not a number below 2^63"));
  CHECK(m.number("large") == 18446744073709551615.0);
}

TEST_CASE("a file of descriptors says what messages are") {
  const descriptor_file whole{true};
  const dynamic_protobuf_format baskets{{.descriptors = whole.path, .message = "shop.Basket"}};
  shop::Basket basket;
  *basket.add_orders() = some_order();
  protobuf_message m;
  CHECK(read(baskets, basket.SerializeAsString(), m) == "");
  CHECK_THAT(m.json(), Contains(R"("customer_id":"ada")"));
  const dynamic_protobuf_format other{{.descriptors = whole.path, .message = "shop.Cart"}};
  CHECK_THROWS_WITH(other.make(), Contains("do not define the message `shop.Cart`"));

  const descriptor_file half{false};
  const dynamic_protobuf_format without{{.descriptors = half.path, .message = "shop.Basket"}};
  CHECK_THROWS_WITH(without.make(), Contains("--include_imports"));
  const dynamic_protobuf_format none{{.descriptors = "/no/such.desc", .message = "shop.Basket"}};
  CHECK_THROWS_WITH(none.make(), Contains("/no/such.desc cannot be read"));
}

TEST_CASE("messages that are no messages of the type are refused") {
  protobuf_message m;
  CHECK(read(shop_format, "\x12\5", m) == "field `customer_id`: the message ends too early, or is no Protobuf");
  CHECK(bytes_of(shop_format, protobuf_message{}) == "refused: is a message ``, not `shop.Order`");
  CHECK_THROWS_WITH(shop_format.make_decoder(schema_of<shop::Order>()), Contains("no leat::protobuf_message"));
  CHECK_THROWS_WITH(protobuf.make_decoder(schema_of<protobuf_message>()), Contains("messages of Protobuf"));
  CHECK_THROWS_WITH(json.make_encoder(schema_of<protobuf_message>()), Contains("that know their messages"));
  CHECK_THAT(read(dynamic_protobuf, bytes, m), Contains("a schema registry"));
  CHECK_THROWS_WITH(dynamic_protobuf.make_encoder(schema_of<protobuf_message>()), Contains("of one type"));
}

TEST_CASE("without a type of its own, a message is of the type that it was written as") {
  const auto reader = dynamic_protobuf.make_decoder_of({.text = shop_text}, schema_of<protobuf_message>());
  const auto inner =
    dynamic_protobuf.make_decoder_of({.text = shop_text, .message = {0, 0}}, schema_of<protobuf_message>());
  protobuf_message m;
  CHECK(read(*reader, bytes, m) == "");
  CHECK(m.text("customer_id") == "ada");
  CHECK(read(*inner, "\x0a\1s", m) == ""); // into the same slot
  CHECK(m.type() == "shop.Order.Line");
  CHECK(m.text("sku") == "s");
  CHECK_THROWS_WITH(
    shop_format.make_decoder_of({.text = shop_text, .message = {0, 0}}, schema_of<protobuf_message>()),
    Contains("the message is `shop.Order.Line`, not `shop.Order`"));
  CHECK(shop_format.message_place(schema_of<protobuf_message>()) == std::vector<int>{0});
  CHECK_THAT(shop_format.schema_text(schema_of<protobuf_message>()), Contains("string customer_id = 2;"));
}

TEST_CASE("a message is a value: copies are of their own") {
  const auto first = some();
  auto second = first;
  second = protobuf_message{};
  CHECK(second.type().empty());
  second = first;
  CHECK(read(shop_format, "", second) == "");
  CHECK(first.text("customer_id") == "ada");
  CHECK(second.text("customer_id").empty());
}

TEST_CASE("messages of a type known at run time are saved with their type, and shown without it") {
  const auto again = decoded<protobuf_message>(encoded(some()));
  CHECK(again.json() == some().json());
  CHECK(encoded(again) == encoded(some()));
  CHECK(decoded<protobuf_message>(encoded(protobuf_message{})).type().empty());
  const auto type = parse_encoded_type(type_text(encoded_type_of<protobuf_message>()));
  json_writer to;
  write_json(to, type.get(), encoded(some()));
  CHECK(to.text() == some().json());
}

TEST_CASE("a job filters messages by a field, and keeps the last of each customer") {
  struct last_order {
    void open(state_registry& states) { states.add("last", last); }
    void process(const protobuf_message& o, keyed_context<std::string>&, collector<std::string>& out) {
      out.push(last.get() ? last.get()->json() : "none");
      last.set(o);
    }
    value_state<protobuf_message> last;
  };
  job j{"orders"};
  j.source(kafka::source<protobuf_message>("orders", shop_format)
             .event_time([](const protobuf_message& o) { return o.time("at"); }, late_by(5s)))
    .filter([](const protobuf_message& o) { return o.integer("id") > 0; })
    .key_by([](const protobuf_message& o) { return o.text("customer_id"); })
    .process<std::string>(last_order{})
    .named("last")
    .sink(output<std::string>("out"));
  test_run run{j};
  run.input<protobuf_message>("orders").push(some());
  run.input<protobuf_message>("orders").push(shop_format.make());
  run.input<protobuf_message>("orders").push(some());
  CHECK(run.output<std::string>("out").take() == std::vector<std::string>{"none", some().json()});
}
