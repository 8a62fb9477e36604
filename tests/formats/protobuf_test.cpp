#include "golden_bytes.hpp"
#include "json_fixture.hpp"
#include "parcel.hpp"

#include <leat/base/error.hpp>
#include <leat/connectors/formats/protobuf.hpp>

#include <cmath>
#include <random>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

std::string golden_message(const std::string& name) { return golden_lines("protobuf_bytes.txt").at(name).bytes; }

template <class T>
decoding<T> read_message(const protobuf_format& as, std::string_view bytes) {
  return decode_all<T>(*as.make_decoder(schema_of<T>()), {bytes}).front();
}

/// The bytes of a record; or why it has none.
template <class T>
std::string message_of(const protobuf_format& as, const T& record) {
  encoded_records out;
  std::vector<rejection> rejected;
  as.make_encoder(schema_of<T>())->encode(&record, sizeof record, 1, out, rejected);
  return rejected.empty() ? out.bytes : "refused: " + rejected.front().reason;
}

parcel full_parcel() {
  parcel p;
  p.id = std::numeric_limits<std::int64_t>::min();
  p.at = from_millis(1'700'000'000'123);
  p.paid = true;
  p.small = -128;
  p.medium = 65535;
  p.large = std::numeric_limits<std::uint64_t>::max();
  p.plain = -1;
  p.ratio = -1.25F;
  p.weight = 0.1;
  p.price = decimal{"-12.50"};
  p.text = "Zoë";
  p.main_color = color::dark_blue;
  p.note = "";
  p.number = 0;
  p.ship_to = address{"", 12};
  p.from.street = "here";
  p.points = {1, -1, 0, 300};
  p.readings = {0.5, -0.0};
  p.tags = {"", "a"};
  p.items = {{"pear", 1.5, color::red, {"x"}}, {}};
  p.stops = {from_millis(-1), from_millis(0)};
  p.paints = {color::green, color::red};
  return p;
}

/// As another program has it.
struct short_address {
  std::string street;
  std::optional<std::int32_t> number;
};
BOOST_DESCRIBE_STRUCT(short_address, (), (street, number))

enum class tone : std::int16_t { green = 1, dark_blue = 2 };
BOOST_DESCRIBE_ENUM(tone, green, dark_blue)

struct other_parcel {
  std::int64_t id = 0;
  leat::timestamp at;
  std::int32_t small = 0;
  std::uint32_t medium = 0;
  std::uint64_t large = 0;
  std::int64_t plain = 0;
  double weight = 0;
  std::string text;
  tone main_color = tone::green;
  std::optional<std::string> note;
  std::optional<std::int64_t> number;
  std::optional<short_address> ship_to;
  std::vector<std::int32_t> points;
  std::vector<double> readings;
  std::vector<tone> paints;
  std::optional<bool> nowhere;
};
BOOST_DESCRIBE_STRUCT(
  other_parcel, (),
  (id, at, small, medium, large, plain, weight, text, main_color, note, number, ship_to, points, readings, paints, nowhere))

struct one_id {
  std::int64_t id = 0;
  bool operator==(const one_id&) const = default;
};
BOOST_DESCRIBE_STRUCT(one_id, (), (id))

struct one_paint {
  color paint = color::red;
};
BOOST_DESCRIBE_STRUCT(one_paint, (), (paint))

struct one_time {
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(one_time, (), (at))

std::string as_message(const std::string& fields) { return "syntax = \"proto3\"; message m { " + fields + " }"; }

const std::string other = golden_text("other_parcel.proto");
const protobuf_format other_format{{.proto = other, .message = "other.parcel"}};

std::string few(std::initializer_list<int> all) {
  std::string made;
  for (const auto b : all)
    made += static_cast<char>(b);
  return made;
}

} // namespace

TEST_CASE("the message of Protobuf that follows from a record type") {
  CHECK(protobuf.schema_text(schema_of<parcel>()) == golden_text("parcel.proto"));
}

TEST_CASE("messages have the bytes that another library gives them") {
  CHECK(message_of(protobuf, parcel{}) == few({0x12, 0, 0x82, 1, 0})); // a struct is always there
  CHECK(message_of(protobuf, full_parcel()) == golden_message("full"));
  const auto full = read_message<parcel>(protobuf, golden_message("full"));
  CHECK(full.reason == "");
  CHECK(full.record.value() == full_parcel());
  CHECK(std::signbit(full.record->readings[1]));
  CHECK(read_message<parcel>(protobuf, golden_message("nothing")).record == parcel{});
}

TEST_CASE("a message overwrites a stale record whole") {
  const auto decoder = protobuf.make_decoder(schema_of<parcel>());
  parcel slot = full_parcel();
  std::vector<rejection> rejected;
  const raw_record nothing{.key = {}, .payload = ""};
  CHECK(decoder->decode({&nothing, 1}, &slot, sizeof slot, rejected) == 1);
  CHECK(slot == parcel{});
}

TEST_CASE("messages of somebody else's type are read by the names of their fields") {
  const auto read = read_message<other_parcel>(other_format, golden_message("other"));
  REQUIRE(read.reason == "");
  const auto& p = *read.record;
  CHECK(p.id == 5);
  CHECK(p.at == from_millis(-7));
  CHECK(p.small == -3);
  CHECK(p.medium == 9);
  CHECK(p.large == 10);
  CHECK(p.plain == -11);
  CHECK(p.weight == 0.5);
  CHECK(p.text == "ab\xff");
  CHECK(p.main_color == tone::dark_blue);
  CHECK_FALSE(p.note);
  CHECK(p.number == -64);
  CHECK_FALSE(p.ship_to);
  CHECK(p.points == std::vector<std::int32_t>{1, -2});
  CHECK(p.readings == std::vector<double>{1.5, 2.5});
  CHECK(p.paints == std::vector<tone>{tone::green, tone::dark_blue});
}

TEST_CASE("the last of a oneof that is on the wire is the one that counts, and messages that come in parts are merged") {
  const auto first = few({0x52, 1, 'a', 0xc0, 2, 5});     // note, id
  const auto second = few({0x62, 3, 0x3a, 1, 's'});       // ship_to.street
  const auto third = few({0x62, 4, 0xa0, 0x1f, 3, 0x1a}); // cut off below
  const auto part = few({0x62, 3, 0xa0, 0x1f, 3});        // ship_to.number
  CHECK_FALSE(read_message<other_parcel>(other_format, first + third).record);
  const auto merged = read_message<other_parcel>(other_format, first + second + part).record.value();
  CHECK_FALSE(merged.note);
  CHECK(merged.ship_to->street == "s");
  CHECK(merged.ship_to->number == -2);
  const auto back = read_message<other_parcel>(other_format, second + first).record.value();
  CHECK(back.note == "a");
  CHECK_FALSE(back.ship_to);
}

TEST_CASE("repeated numbers are read packed and one by one, whatever the type says") {
  const auto points = [](const std::string& bytes) {
    return read_message<other_parcel>(other_format, few({0xc0, 2, 5}) + bytes).record.value().points;
  };
  CHECK(points(few({0x68, 2, 0x68, 3})) == std::vector<std::int32_t>{1, -2});
  CHECK(points(few({0x6a, 2, 2, 3})) == std::vector<std::int32_t>{1, -2});
  CHECK(points(few({0x6a, 1, 2, 0x68, 3, 0x6a, 0})) == std::vector<std::int32_t>{1, -2});
}

TEST_CASE("a required field that is missing refuses the message") {
  CHECK(read_message<other_parcel>(other_format, "").reason == "field `id`: is missing, and required");
}

TEST_CASE("what has no place in the record refuses the message") {
  const auto id = [](const std::string& type, const std::string& bytes) {
    const auto text = as_message(type + " id = 1;");
    const auto read = read_message<one_id>(protobuf_format{{.proto = text}}, bytes);
    return read.record ? std::to_string(read.record->id) : read.reason;
  };
  CHECK(id("int64", few({8, 1})) == "1");
  CHECK(
    id("int64", few({13, 1, 0, 0, 0})) == "field `id`: is on the wire as what no `int64` is: written with another .proto?");
  CHECK(id("int64", few({8})) == "field `id`: the message ends too early, or is no Protobuf");
  CHECK(id("int64", few({8, 0x80})) == "field `id`: the message ends too early, or is no Protobuf");
  CHECK(id("int64", few({0})) == "the message ends too early, or is no Protobuf");
  CHECK(
    id("int64", few({0x14})) == "the message ends too early, or is no Protobuf"); // the end of a group that has not begun
  CHECK(
    id("uint64", few({8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})) ==
    "field `id`: 18446744073709551615 does not fit into int64");
  CHECK(id("int32", few({8, 0xff, 0xff, 0xff, 0xff, 0x1f})) == "-1"); // the rest is cut off
  const auto paint = as_message("enum e { red = 0; pink = 3; } e paint = 1;");
  CHECK(
    read_message<one_paint>(protobuf_format{{.proto = paint}}, few({8, 3})).reason ==
    "field `paint`: 3 is no value of the enum that has a name here");
  const auto time = as_message("google.protobuf.Timestamp at = 1;");
  const auto with_import =
    "syntax = \"proto3\"; import \"google/protobuf/timestamp.proto\";" + time.substr(time.find("message"));
  const protobuf_format times{{.proto = with_import}};
  CHECK(read_message<one_time>(times, few({10, 2, 16, 1})).record->at == from_millis(0));
  CHECK_THAT(
    read_message<one_time>(times, few({10, 7, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})).reason,
    Contains("are no Timestamp"));
  CHECK_THAT(
    message_of(times, one_time{max_timestamp}), Contains("refused: field `at`: ") && Contains("of the years 1 to 9999"));
}

TEST_CASE("a text that is not UTF-8 and a number that is none refuse their message, in both directions") {
  parcel p;
  p.items = {{"a", 0, {}, {"\xff"}}};
  CHECK(message_of(protobuf, p) == "refused: field `items[0].tags[0]`: the text is not UTF-8");
  CHECK(read_message<parcel>(protobuf, few({0x5a, 1, 0xff})).reason == "field `text`: byte 0 of the text is not UTF-8");
  CHECK(
    read_message<parcel>(protobuf, few({0x52, 1, 'x'})).reason ==
    "field `price`: expected a number of at most 38 digits, found \"x\"");
}

TEST_CASE("a null value is no message") {
  const auto decoder = protobuf.make_decoder(schema_of<one_id>());
  const raw_record tombstone;
  one_id slot;
  std::vector<rejection> rejected;
  CHECK(decoder->decode({&tombstone, 1}, &slot, sizeof slot, rejected) == 0);
  CHECK(rejected.front().reason == "the value is null (a tombstone), not a message");
}

TEST_CASE("every truncation and every changed byte of a message is read or refused") {
  const auto decoder = protobuf.make_decoder(schema_of<parcel>());
  const auto whole = golden_message("full");
  for (std::size_t size = 0; size < whole.size(); ++size)
    (void)decode_all<parcel>(*decoder, {whole.substr(0, size)});
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int change : {1, 2, 8, 0x80, 0xff, 0x7f}) {
      auto changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ change);
      const auto read = decode_all<parcel>(*decoder, {changed}).front();
      CHECK(read.record.has_value() == read.reason.empty());
    }
}

TEST_CASE("groups are skipped, but not nested for ever") {
  const auto text = as_message("int64 id = 1;");
  const protobuf_format ids{{.proto = text}};
  CHECK(read_message<one_id>(ids, few({0x13, 0x1b, 0x1c, 0x08, 9, 0x14, 8, 4})).record == one_id{4});
  CHECK_THAT(read_message<one_id>(ids, std::string(100'000, '\x13')).reason, Contains("nested more than 100 deep"));
}

TEST_CASE("record types without a form in Protobuf are refused at the start") {
  CHECK_THROWS_WITH(
    protobuf.make_encoder(schema_of<order>()),
    Contains("field `points` of record `leat::testing::order` is `optional<list>`") && Contains("struct"));
}

TEST_CASE("a message that records have no place in is refused with the field") {
  const auto refusal = [](const std::string& text, bool writes) {
    try {
      const protobuf_format as{{.proto = text}};
      writes ? void(as.make_encoder(schema_of<short_address>())) : void(as.make_decoder(schema_of<short_address>()));
    } catch (const pipeline_error& e) {
      return std::string{e.what()};
    }
    return std::string{"taken"};
  };
  CHECK(refusal(as_message("string street = 1; optional int32 number = 2;"), true) == "taken");
  CHECK(refusal(as_message("string street = 1; int32 number = 2;"), false) == "taken");
  CHECK_THAT(
    refusal(as_message("string street = 1; int32 number = 2;"), true), Contains("field `number`: may have no value"));
  CHECK(refusal(as_message("string street = 1;"), false) == "taken");
  CHECK_THAT(
    refusal(as_message("string street = 1;"), true), Contains("has no field of this name: its values would be lost"));
  CHECK_THAT(
    refusal(as_message("int32 number = 1;"), false), Contains("field `street`: message `m` has no field of this name"));
  CHECK_THAT(
    refusal(as_message("repeated string street = 1;"), false), Contains("cannot be the message's `repeated string`"));
  CHECK_THAT(
    refusal(as_message("int32 street = 1;"), false), Contains("the record's string cannot be the message's `int32`"));
}

TEST_CASE("what is no .proto file is refused with the place") {
  const auto refusal = [](const std::string& text, const std::string& message = "") {
    try {
      (void)protobuf_format{{.proto = text, .message = message}}.make_decoder(schema_of<one_id>());
    } catch (const config_error& e) {
      return std::string{e.what()};
    }
    return std::string{"taken"};
  };
  CHECK(refusal(as_message("int64 id = 1;")) == "taken");
  CHECK_THAT(refusal("syntax = \"proto3\";\nmessage m { int64 id }"), Contains("line 2, column"));
  CHECK_THAT(refusal(as_message("missing id = 1;")), Contains("\"missing\" is not defined"));
  CHECK_THAT(refusal("syntax = \"proto3\";"), Contains("no message at all"));
  CHECK_THAT(refusal(as_message("int64 id = 1;"), "n"), Contains("no message `n`"));
}
