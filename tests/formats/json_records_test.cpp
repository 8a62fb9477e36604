#include "json_fixture.hpp"
#include "order.hpp"

using namespace leat;
using namespace leat::testing;

namespace {

struct shipment {
  address to;
  std::vector<item> items;
  bool operator==(const shipment&) const = default;
};
BOOST_DESCRIBE_STRUCT(shipment, (), (to, items))

struct painted {
  color paint = color::red;
  bool operator==(const painted&) const = default;
};
BOOST_DESCRIBE_STRUCT(painted, (), (paint))

struct timed {
  leat::timestamp at;
  bool operator==(const timed&) const = default;
};
BOOST_DESCRIBE_STRUCT(timed, (), (at))

struct flags {
  bool on = false;
  std::optional<std::string> note;
  bool operator==(const flags&) const = default;
};
BOOST_DESCRIBE_STRUCT(flags, (), (on, note))

struct nothing {
  bool operator==(const nothing&) const = default;
};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

struct very_long_names {
  double a_name_that_is_longer_than_thirty_bytes_1 = 0;
  double a_name_that_is_longer_than_thirty_bytes_2 = 0;
  bool operator==(const very_long_names&) const = default;
};
BOOST_DESCRIBE_STRUCT(
  very_long_names, (), (a_name_that_is_longer_than_thirty_bytes_1, a_name_that_is_longer_than_thirty_bytes_2))

} // namespace

TEST_CASE("a record with fields of every kind is read") {
  const auto read = accepted<order>(R"({"id":-5,"at":"2024-05-01T12:00:00Z","paid":true,"small":-128,"medium":65535,
    "large":18446744073709551615,"ratio":0.25,"main_color":"dark_blue","note":"hi","ship_to":{"street":"Elm","number":7},
    "points":[1,-2],"items":[{"name":"pen","price":1.5,"paint":"green","tags":["a","b"]},{"name":"ink","price":2,"tags":[]}],
    "readings":[1.5,null],"matrix":[[],[1,2],[255]]})");
  order expected;
  expected.id = -5;
  expected.at = from_millis(1714564800000);
  expected.paid = true;
  expected.small = -128;
  expected.medium = 65535;
  expected.large = 18446744073709551615U;
  expected.ratio = 0.25;
  expected.main_color = color::dark_blue;
  expected.note = "hi";
  expected.ship_to = address{"Elm", 7};
  expected.points = {1, -2};
  expected.items = {{"pen", 1.5, color::green, {"a", "b"}}, {"ink", 2, {}, {}}};
  expected.readings = {1.5, {}};
  expected.matrix = {{}, {1, 2}, {255}};
  CHECK(read == expected);
}

TEST_CASE("a refusal inside of structs and lists names the whole way") {
  CHECK(
    refused<shipment>(R"({"to":{"street":"x"},"items":[{"name":"a","price":1,"tags":[]},{"name":"b","price":"2"}]})") ==
    "field `items[1].price`: expected a number, found \"2\"");
  CHECK(
    refused<shipment>(R"({"to":{"street":"x"},"items":[{"name":"a","price":1,"tags":["x",5]}]})") ==
    "field `items[0].tags[1]`: expected a string, found 5");
  CHECK(refused<shipment>(R"({"to":{"number":5},"items":[]})") == "field `to.street` is missing");
  CHECK(refused<shipment>(R"({"to":[],"items":[]})") == "field `to`: expected an object, found a list");
  CHECK(refused<shipment>(R"({"to":{"street":"x","street":"y"},"items":[]})") == "field `to.street` appears twice");
  CHECK(refused<shipment>(R"({"to":{"street":"x"},"items":{}})") == "field `items`: expected a list, found an object");
  CHECK(refused<shipment>(R"({"to":{"street":"x"}})") == "field `items` is missing");
}

TEST_CASE("lists are separated by commas and closed by their bracket") {
  const auto with_items = [](const char* list) { return R"({"to":{"street":"x"},"items":)" + std::string{list} + "}"; };
  CHECK(accepted<shipment>(with_items(" [ ] ")).items.empty());
  for (const char* list :
       {"[", "]", "[,]", "[{}", "[null]", R"([{"name":"a","price":1,"tags":[]},])",
        R"([{"name":"a","price":1,"tags":[]} {"name":"a","price":1,"tags":[]}])",
        R"([{"name":"a","price":1,"tags":[]}})"}) {
    INFO(list);
    CHECK(refused<shipment>(with_items(list)) != "");
  }
}

TEST_CASE("an optional is empty when its field is null or missing") {
  CHECK(accepted<flags>(R"({"on":true,"note":null})") == flags{true, {}});
  CHECK(accepted<flags>(R"({"on":true})") == flags{true, {}});
  CHECK(accepted<flags>(R"({"on":true,"note":""})") == flags{true, ""});
  CHECK(refused<flags>(R"({"on":true,"note":nul})") == "field `note`: expected a string, found nul");
  CHECK(refused<flags>(R"({"on":true,"note":nulls})") == "field `note`: expected a string, found nulls");
}

TEST_CASE("a boolean is true or false and nothing that looks like it") {
  CHECK(accepted<flags>(R"({"on":false})") == flags{false, {}});
  for (const char* value : {"1", "0", "\"true\"", "True", "truee", "tru", "null", "true1", "yes"}) {
    INFO(value);
    CHECK(
      refused<flags>("{\"on\":" + std::string{value} + "}") ==
      "field `on`: expected true or false, found " + std::string{value});
  }
}

TEST_CASE("an enum is read and written by its name") {
  CHECK(accepted<painted>(R"({"paint":"green"})").paint == color::green);
  CHECK(accepted<painted>(R"({"paint":"dark\u005fblue"})").paint == color::dark_blue);
  CHECK(in_json(painted{color::dark_blue}) == R"({"paint":"dark_blue"})");
  CHECK(refused<painted>(R"({"paint":"pink"})") == "field `paint`: expected one of red, green, dark_blue, found \"pink\"");
  CHECK(refused<painted>(R"({"paint":7})") == "field `paint`: expected one of red, green, dark_blue, found 7");
  CHECK(not_encoded(painted{static_cast<color>(3)}) == "field `paint`: the value 3 of the enum has no name");
}

TEST_CASE("a timestamp is milliseconds or ISO-8601, and written as milliseconds") {
  CHECK(accepted<timed>(R"({"at":1714564800250})").at == from_millis(1714564800250));
  CHECK(accepted<timed>(R"({"at":-1})").at == from_millis(-1));
  CHECK(accepted<timed>(R"({"at":"2024-05-01T14:00:00.250+02:00"})").at == from_millis(1714564800250));
  CHECK(accepted<timed>(R"({"at":"2024-05-01\u005412:00:00Z"})").at == from_millis(1714564800000));
  CHECK(in_json(timed{from_millis(1714564800250)}) == R"({"at":1714564800250})");
  for (const char* value :
       {"1.5", "1e3", "\"1714564800250\"", "\"yesterday\"", "null", "true", "9223372036854775808", "{}"}) {
    INFO(value);
    CHECK_THAT(
      refused<timed>("{\"at\":" + std::string{value} + "}"),
      Catch::StartsWith("field `at`: expected milliseconds since the epoch or a date-time"));
  }
}

TEST_CASE("records are written without white space, in the order of their description, with empty optionals as null") {
  order o;
  o.id = 1;
  o.at = from_millis(5);
  o.items = {{"pen", 1.5, color::red, {"a"}}, {"ink", 2, {}, {}}};
  o.readings = {{}, 0.5};
  o.matrix = {{}, {1, 2}};
  CHECK(
    in_json(o) == R"({"id":1,"at":5,"paid":false,"small":0,"medium":0,"large":0,"ratio":0,"main_color":"red","note":null,)"
                  R"("ship_to":null,"points":null,"items":[{"name":"pen","price":1.5,"paint":"red","tags":["a"]},)"
                  R"({"name":"ink","price":2,"paint":null,"tags":[]}],"readings":[null,0.5],"matrix":[[],[1,2]]})");
}

TEST_CASE("text is escaped where JSON wants it and nowhere else") {
  CHECK(
    in_json(flags{true, "a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f é🙂"}) ==
    R"({"on":true,"note":"a\"b\\c/d\b\f\n\r\t\u0001\u001f)"
    "\x7f é🙂\"}");
  CHECK(in_json(flags{true, std::string("\0", 1)}) == R"({"on":true,"note":"\u0000"})");
  CHECK(in_json(flags{true, ""}) == R"({"on":true,"note":""})");
}

TEST_CASE("a character that needs an escape is found wherever it stands in a text") {
  for (std::size_t size = 1; size < 40; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (const char c : {'"', '\\', '\n', '\0', '\x1f'}) {
        flags before{true, std::string(size, 'x')};
        before.note->at(at) = c;
        CHECK(decode_all<flags>(*json.make_decoder(schema_of<flags>()), {in_json(before)})[0].record == before);
      }
}

TEST_CASE("text that is not UTF-8 is refused, not repaired") {
  for (const char* text : {"\xff", "abcdefgh\xc3", "\xed\xa0\x80", "\xc0\x80", "x\"\x80"}) {
    INFO(text);
    CHECK(not_encoded(flags{true, text}) == "field `note`: the text is not UTF-8");
  }
  shipment s;
  s.items = {{"ok", 1, {}, {}}, {"bad", 1, {}, {"x", "\xff"}}};
  CHECK(not_encoded(s) == "field `items[1].tags[1]`: the text is not UTF-8");
}

TEST_CASE("a record without a form leaves an empty entry between its neighbours") {
  const std::vector<flags> records{{true, "a"}, {true, "\xff"}, {false, "c"}};
  encoded_records out;
  std::vector<rejection> rejected;
  json.make_encoder(schema_of<flags>())->encode(records.data(), sizeof(flags), records.size(), out, rejected);
  REQUIRE(out.size() == 3);
  CHECK(out[0] == R"({"on":true,"note":"a"})");
  CHECK(out[1] == "");
  CHECK(out[2] == R"({"on":false,"note":"c"})");
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].index == 1);
}

TEST_CASE("a struct without fields is an empty object") {
  CHECK(in_json(nothing{}) == "{}");
  CHECK(accepted<nothing>(R"({})") == nothing{});
  CHECK(accepted<nothing>(R"({"a":1})") == nothing{});
}

TEST_CASE("names longer than the quick comparison takes are told apart") {
  const very_long_names record{1, 2};
  CHECK(accepted<very_long_names>(in_json(record)) == record);
}
