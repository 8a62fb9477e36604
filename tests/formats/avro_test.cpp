#include "avro_fixture.hpp"
#include "golden_bytes.hpp"
#include "random_orders.hpp"

#include <leat/base/error.hpp>

#include <map>

using namespace leat;
using namespace leat::testing;
using Catch::Contains;

namespace {

/// What another library wrote, by name, with the schema.
std::map<std::string, golden_line> goldens() { return golden_lines("avro_bytes.txt"); }

template <class T>
T read_golden(const std::string& name) {
  const auto g = goldens().at(name);
  const auto read = read_avro<T>(g.rest, g.bytes);
  INFO(name);
  CHECK(read.reason == "");
  return read.record.value();
}

order small_order() {
  order o;
  o.id = 1;
  o.at = from_millis(1'700'000'000'123);
  o.paid = true;
  o.small = -7;
  o.medium = 65535;
  o.large = 9223372036854775807U;
  o.ratio = 0.5F;
  o.main_color = color::dark_blue;
  return o;
}

order full_order() {
  order o;
  o.id = std::numeric_limits<std::int64_t>::min();
  o.at = from_millis(-1);
  o.small = 127;
  o.ratio = -1.25F;
  o.note = "Zoë";
  o.ship_to = address{"", 12};
  o.points = {1, -1, 64, -65};
  o.items = {{"pear", 0.1, color::green, {"a", ""}}, {"", -0.0, std::nullopt, {}}};
  o.readings = {std::nullopt, 1.5, std::nullopt};
  o.matrix = {{}, {0, 255}, {7}};
  return o;
}

struct reading {
  std::int64_t n = 0;
  float real = 0;
  double wide = 0;
  std::string text;
  timestamp at;
  bool operator==(const reading&) const = default;
};
BOOST_DESCRIBE_STRUCT(reading, (), (n, real, wide, text, at))

struct payment {
  decimal amount;
  std::optional<decimal> fee;
};
BOOST_DESCRIBE_STRUCT(payment, (), (amount, fee))

struct lone_number {
  std::int32_t n = 0;
  bool operator==(const lone_number&) const = default;
};
BOOST_DESCRIBE_STRUCT(lone_number, (), (n))

struct in_box {
  lone_number n;
};
BOOST_DESCRIBE_STRUCT(in_box, (), (n))

struct lone_text {
  std::string text;
  bool operator==(const lone_text&) const = default;
};
BOOST_DESCRIBE_STRUCT(lone_text, (), (text))

} // namespace

TEST_CASE("the schema of Avro that follows from a record type") {
  auto expected = golden_text("avro_order.avsc");
  expected.pop_back(); // the line break at the end of the file
  CHECK(avro.schema_text(schema_of<order>()) == expected);
  CHECK(
    avro_format{{.decimal_scale = 2}}.schema_text(schema_of<payment>()).find(R"("precision":38,"scale":2)") !=
    std::string::npos);
}

TEST_CASE("records have the bytes that other libraries give them") {
  const auto all = goldens();
  const auto schema = avro.schema_text(schema_of<order>());
  CHECK(write_avro(schema, small_order()) == all.at("small").bytes);
  CHECK(write_avro(schema, full_order()) == all.at("full").bytes);
  CHECK(read_golden<order>("small") == small_order());
  CHECK(read_golden<order>("full") == full_order());
  CHECK(real_bits(read_golden<order>("full")) == real_bits(full_order()));
}

TEST_CASE("random records come back from Avro as they were, many at a call and into stale slots") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  random_orders random{seed};
  const auto encoder = avro.make_encoder(schema_of<order>());
  const auto decoder = avro.make_decoder(schema_of<order>());
  std::vector<order> read(300);
  for (int round = 0; round < 20; ++round) {
    std::vector<order> written;
    while (written.size() < read.size()) {
      written.push_back(random.record());
      written.back().large >>= 1; // Avro has none above
    }
    encoded_records out;
    std::vector<rejection> rejected;
    encoder->encode(written.data(), sizeof(order), written.size(), out, rejected);
    std::vector<raw_record> raw(out.size());
    for (std::size_t i = 0; i < raw.size(); ++i)
      raw[i].payload = out[i];
    CHECK(decoder->decode(raw, read.data(), sizeof(order), rejected) == written.size());
    REQUIRE(rejected.empty());
    for (std::size_t i = 0; i < read.size(); ++i) {
      REQUIRE(read[i] == written[i]);
      REQUIRE(real_bits(read[i]) == real_bits(written[i]));
    }
  }
}

TEST_CASE("what was written with another schema is read by Avro's rules") {
  CHECK(read_golden<reading>("promoted") == reading{-5, 7, 0.5, "abc", from_millis(-1)});
  CHECK(
    read_golden<reading>("long_to_real") ==
    reading{std::int64_t{1} << 40, 3, double(std::int64_t{1} << 40), "x", from_millis(5)});
  CHECK(read_golden<reading>("other_order_and_more") == reading{4, 1.5, 2.5, "here", from_millis(9)});
  CHECK(read_golden<reading>("unions") == reading{12, 0.25, 3, "t", from_millis(1)});
}

TEST_CASE("decimals are Avro's logical type, in bytes and in fixed") {
  const auto in_bytes = read_golden<payment>("money_bytes");
  CHECK(to_string(in_bytes.amount) == "-12.50");
  CHECK(to_string(in_bytes.fee.value()) == "1234567890123456789012345678.0123456789");
  const auto in_fixed = read_golden<payment>("money_fixed");
  CHECK(to_string(in_fixed.amount) == "0.001");
  CHECK(to_string(in_fixed.fee.value()) == "-" + std::string(38, '9'));
  for (const auto& [name, g] : goldens())
    if (name.starts_with("money"))
      CHECK(write_avro(g.rest, name == "money_bytes" ? in_bytes : in_fixed) == g.bytes);
}

TEST_CASE("a decimal that has no place in the schema is refused, not rounded") {
  const std::string schema = R"({"type":"record","name":"p","fields":[
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":5,"scale":2}},
    {"name":"fee","type":["null",{"type":"fixed","name":"f","size":2,"logicalType":"decimal","precision":38,"scale":0}]}]})";
  const auto refused = [&](const payment& p) { return write_avro(schema, p); };
  CHECK(refused({decimal{"1.500"}, {}}) == bytes({4, 0, 150, 0}));
  CHECK(refused({decimal{"-0.01"}, {}}) == bytes({2, 0xff, 0}));
  CHECK(
    refused({decimal{"1.501"}, {}}) == "refused: field `amount`: 1.501 has no place in the schema's decimal of 5 digits, 2 "
                                       "of them behind the point");
  CHECK_THAT(refused({decimal{"1000"}, {}}), Contains("field `amount`: 1000 has no place"));
  CHECK(refused({decimal{0}, decimal{32767}}) == bytes({2, 0, 2, 0x7f, 0xff}));
  CHECK(refused({decimal{0}, decimal{-1}}) == bytes({2, 0, 2, 0xff, 0xff}));
  CHECK_THAT(refused({decimal{0}, decimal{32768}}), Contains("field `fee`: 32768 has no place in 2 bytes"));
}

TEST_CASE("decimals of more digits than there are, are refused") {
  const std::string schema =
    R"({"type":"record","name":"p","fields":[{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":50,"scale":0}}]})";
  const auto read = [&](const std::string& number) {
    const auto p = read_avro<payment>(schema, static_cast<char>(number.size() * 2) + number);
    return p.record ? to_string(p.record->amount) : p.reason;
  };
  CHECK(read("") == "0");
  CHECK(read(std::string(20, '\0') + "\x05") == "5");
  CHECK(read(std::string(20, '\xff') + "\xfb") == "-5");
  CHECK_THAT(read("\x7f" + std::string(15, '\xff')), Contains("more than 38 digits"));
  CHECK_THAT(read("\x01" + std::string(16, '\0')), Contains("more than 38 digits"));
  CHECK_THAT(read(std::string(1, '\0') + "\xff" + std::string(15, '\0')), Contains("more than 38 digits"));
}

TEST_CASE("a field that the writer does not have is an optional without value, or takes the reader's default") {
  const std::string written = R"({"type":"record","name":"w","fields":[{"name":"text","type":"string"}]})";
  const auto with = [](const std::string& of_n) {
    return R"({"type":"record","name":"r","fields":[{"name":"n","type":"long")" + of_n +
           R"(},{"name":"real","type":"float","default":1.5},{"name":"wide","type":"double","default":2},)"
           R"({"name":"text","type":"string","default":"?"},{"name":"at","type":"long","default":7}]})";
  };
  CHECK_THROWS_WITH(
    read_avro<reading>(written, "\x02x"),
    "the writer's schema has no field `n`: make it a std::optional, or give a schema with a default for it");
  CHECK_THROWS_WITH(read_avro<reading>(written, "\x02x", with("")), Contains("no field `n`"));
  CHECK(read_avro<reading>(written, "\x02x", with(R"(,"default":-3)")).record == reading{-3, 1.5, 2, "x", from_millis(7)});
  CHECK(
    read_avro<payment>(
      R"({"type":"record","name":"w","fields":[{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":3,"scale":0}}]})",
      bytes({2, 5}))
      .record->fee == std::nullopt);
}

TEST_CASE("a field that has been renamed is found by the reader's alias") {
  const std::string written = R"({"type":"record","name":"w","fields":[{"name":"total","type":"int"}]})";
  const std::string reader =
    R"({"type":"record","name":"r","fields":[{"name":"n","aliases":["sum","total"],"type":"int"}]})";
  CHECK(read_avro<lone_number>(written, bytes({8}), reader).record == lone_number{4});
}

TEST_CASE("defaults of every kind are read") {
  const std::string written =
    R"({"type":"record","name":"w","fields":[{"name":"id","type":"long"},{"name":"at","type":"long"}]})";
  auto reader = avro.schema_text(schema_of<order>());
  const auto with_default = [&](const std::string& field, const std::string& value) {
    const auto at = reader.find(R"({"name":")" + field + '"');
    REQUIRE(at != std::string::npos);
    reader.insert(at + 1, R"("default":)" + value + ",");
  };
  with_default("paid", "true");
  with_default("small", "-1");
  with_default("medium", "2");
  with_default("large", "3");
  with_default("ratio", "0.5");
  with_default("main_color", R"("green")");
  with_default("items", R"([{"name":"a","price":1,"paint":null,"tags":["x"]}])");
  with_default("readings", "[null]");
  with_default("matrix", "[[1],[]]");
  const auto read = read_avro<order>(written, bytes({2, 4}), reader);
  CHECK(read.reason == "");
  order expected;
  expected.id = 1;
  expected.at = from_millis(2);
  expected.paid = true;
  expected.small = -1;
  expected.medium = 2;
  expected.large = 3;
  expected.ratio = 0.5F;
  expected.main_color = color::green;
  expected.items = {{"a", 1, std::nullopt, {"x"}}};
  expected.readings = {std::nullopt};
  expected.matrix = {{1}, {}};
  CHECK(read.record == expected);
}

TEST_CASE("a writer's schema that cannot be read is refused with the field") {
  const auto refusal = [](const std::string& type) {
    try {
      (void)read_avro<lone_number>(R"({"type":"record","name":"w","fields":[{"name":"n","type":)" + type + "}]}", "");
    } catch (const connector_error& e) {
      return std::string{e.what()};
    }
    return std::string{"read"};
  };
  CHECK(refusal(R"("string")") == "field `n`: the writer's string cannot be read as int32");
  CHECK(refusal(R"("long")") == "field `n`: the writer's long cannot be read as int32");
  CHECK(refusal(R"(["null","long"])") == "field `n`: the writer's long cannot be read as int32");
  CHECK(refusal(R"({"type":"array","items":"int"})") == "field `n`: the writer's array cannot be read as int32");
  CHECK(refusal(R"(["null","int"])") == "read");
  CHECK(refusal(R"(["long","int"])") == "read");
  CHECK_THROWS_WITH(read_avro<lone_number>(R"("int")", ""), "the writer's int cannot be read as record");
}

TEST_CASE("values that have no place refuse their record") {
  const auto n = [](const std::string& type, std::string_view in) {
    return read_avro<lone_number>(R"({"type":"record","name":"w","fields":[{"name":"n","type":)" + type + "}]}", in).reason;
  };
  CHECK(n(R"(["null","int"])", bytes({0})) == "field `n`: the writer's null cannot be read as int32");
  const std::string nested = R"({"type":"record","name":"w","fields":[{"name":"n","type":[
    {"type":"record","name":"box","fields":[{"name":"n","type":"string"}]},{"type":"record","name":"o","fields":[{"name":"n","type":"int"}]}]}]})";
  CHECK(read_avro<in_box>(nested, bytes({0, 0})).reason == "field `n.n`: the writer's string cannot be read as int32");
  const std::string root = R"([{"type":"record","name":"box","fields":[{"name":"n","type":"string"}]},
    {"type":"record","name":"o","fields":[{"name":"n","type":"int"}]}])";
  CHECK(read_avro<lone_number>(root, bytes({0, 0})).reason == "field `n`: the writer's string cannot be read as int32");
  CHECK_THROWS_WITH(
    read_avro<lone_number>(R"([{"type":"record","name":"box","fields":[{"name":"n","type":"string"}]}])", ""),
    "field `n`: the writer's string cannot be read as int32");
  CHECK(read_avro<in_box>(nested, bytes({2, 8})).record->n.n == 4);
  CHECK(n(R"(["null","int"])", bytes({4, 2})) == "field `n`: branch 2 of a union of 2");
  CHECK(n(R"(["null","int"])", bytes({1, 2})) == "field `n`: branch -1 of a union of 2");
  CHECK(n(R"("int")", bytes({0x80, 0x80, 0x80, 0x80, 0x20})) == "field `n`: 4294967296 does not fit into int32");
  CHECK(n(R"("int")", bytes({0x80})) == "field `n`: the record ends too early, or is no Avro");
  CHECK(
    n(R"("int")", bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02})) ==
    "field `n`: the record ends too early, or is no Avro");
  CHECK(
    n(R"("int")", bytes({2, 0, 0})) ==
    "there are 2 bytes behind the record: it was written with another schema, or is no Avro");
  const std::string text = R"({"type":"record","name":"w","fields":[{"name":"text","type":"string"}]})";
  CHECK(read_avro<lone_text>(text, bytes({4, 'a', 0xff})).reason == "field `text`: byte 1 of the text is not UTF-8");
  CHECK(read_avro<lone_text>(text, bytes({4, 'a', 0})).record->text == std::string{"a\0", 2});
  const std::string as_bytes = R"({"type":"record","name":"w","fields":[{"name":"text","type":"bytes"}]})";
  CHECK(read_avro<lone_text>(as_bytes, bytes({4, 'a', 0xff})).record->text == "a\xff");
}

TEST_CASE("a null value is no record of Avro") {
  const auto decoder = avro.make_decoder(schema_of<lone_number>());
  const raw_record tombstone;
  lone_number slot;
  std::vector<rejection> rejected;
  CHECK(decoder->decode({&tombstone, 1}, &slot, sizeof slot, rejected) == 0);
  CHECK(rejected.front().reason == "the value is null (a tombstone), not a record");
}

TEST_CASE("every truncation and every changed byte of a record is read or refused") {
  const auto schema = avro.schema_text(schema_of<order>());
  const auto whole = write_avro(schema, full_order());
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_FALSE(read_avro<order>(schema, whole.substr(0, size)).record);
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int change : {1, 0x80, 0xff, 0x7f}) {
      auto other = whole;
      other[at] = static_cast<char>(other[at] ^ change);
      const auto read = read_avro<order>(schema, other);
      CHECK(read.record.has_value() == read.reason.empty());
    }
}

TEST_CASE("what says that it is large does not take memory before it is there") {
  const auto huge = bytes({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e}); // 2^60 or so
  const std::string list =
    R"({"type":"record","name":"w","fields":[{"name":"n","type":"int"},{"name":"gone","type":{"type":"array","items":TYPE}}]})";
  for (const std::string type : {R"("null")", R"("int")", R"({"type":"record","name":"e","fields":[]})"}) {
    auto schema = list;
    schema.replace(schema.find("TYPE"), 4, type);
    CHECK_THAT(read_avro<lone_number>(schema, bytes({0}) + huge).reason, Contains("more than can be"));
  }
  const std::string text = R"({"type":"record","name":"w","fields":[{"name":"text","type":"string"}]})";
  CHECK_THAT(read_avro<lone_text>(text, huge).reason, Contains("ends too early"));
}

TEST_CASE("what is skipped may be nested only so deep") {
  const std::string tree = R"({"type":"record","name":"w","fields":[{"name":"n","type":"int"},{"name":"gone","type":
    {"type":"record","name":"tree","fields":[{"name":"children","type":{"type":"array","items":"tree"}}]}}]})";
  const auto nested = [](std::size_t depth) {
    return bytes({0}) + std::string(depth, '\2') + '\0' + std::string(depth, '\0');
  };
  CHECK(read_avro<lone_number>(tree, nested(300)).reason == "");
  CHECK_THAT(read_avro<lone_number>(tree, nested(100'000)).reason, Contains("nested more than 1024 deep"));
}

TEST_CASE("a list may come in blocks, with and without their size") {
  const std::string skipped =
    R"({"type":"record","name":"w","fields":[{"name":"gone","type":{"type":"array","items":"int"}},{"name":"n","type":"int"}]})";
  CHECK(read_avro<lone_number>(skipped, bytes({4, 2, 4, 3, 4, 6, 8, 0, 10})).record == lone_number{5});
  const std::string matrix =
    R"({"type":"record","name":"w","fields":[{"name":"name","type":"string"},{"name":"price","type":"double"},
    {"name":"tags","type":{"type":"array","items":"string"}}]})";
  const auto read = read_avro<item>(matrix, bytes({0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 'a', 3, 10, 2, 'b', 4, 'c', 'd', 0}));
  CHECK(read.reason == "");
  CHECK(read.record->tags == std::vector<std::string>{"a", "b", "cd"});
}

TEST_CASE("records are written with a schema of somebody else") {
  const std::string schema = R"({"type":"record","name":"Order","namespace":"com.shop","fields":[
    {"name":"wide","type":["null","double"]},{"name":"source","type":"string","default":"leat"},{"name":"text","type":"bytes"},
    {"name":"real","type":"double"},{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"n","type":["int","null"]}]})";
  const auto written = write_avro(schema, reading{7, 1.5, 2.5, "x", from_millis(3)});
  CHECK(written == bytes({2, 0,   0, 0, 0, 0, 0, 4, 0x40, 8,    'l',  'e',  'a', 't',
                          2, 'x', 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0xf0, 0x2e, 0,   14}));
  CHECK(
    write_avro(schema, reading{std::int64_t{1} << 40, 0, 0, "", {}}) ==
    "refused: field `n`: the number does not fit into Avro's int");
}

TEST_CASE("a schema that records cannot be written with is refused with the field") {
  const auto refusal = [](const std::string& fields) {
    try {
      (void)write_avro(R"({"type":"record","name":"w","fields":[)" + fields + "]}", payment{});
    } catch (const pipeline_error& e) {
      return std::string{e.what()};
    }
    return std::string{"written"};
  };
  const std::string money = R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})";
  const auto amount = R"({"name":"amount","type":)" + money + "}";
  CHECK_THAT(refusal(amount), Contains("has no field `fee`: its values would be lost"));
  CHECK_THAT(refusal(amount + R"(,{"name":"fee","type":)" + money + "}"), Contains("field `fee`: may have no value"));
  CHECK_THAT(refusal(R"({"name":"amount","type":"bytes"})"), Contains("field `amount`: cannot be written as Avro's bytes"));
  const auto both = amount + R"(,{"name":"fee","type":["null",)" + money + "]}";
  CHECK(refusal(both) == "written");
  CHECK_THAT(refusal(both + R"(,{"name":"more","type":"int"})"), Contains("has no field `more`, which the schema wants"));
  CHECK(refusal(both + R"(,{"name":"more","type":"int","default":1})") == "written");
}
