#include "avro_fixture.hpp"
#include "golden_bytes.hpp"

#include <leat/connectors/formats/avro/avro_printer.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

namespace {

/// What bytes are as JSON; or why they have none.
std::string shown_by(std::string_view schema, std::string_view bytes) {
  avro_printer printer{avro_schema_from(schema)};
  const auto value = printer.print(bytes);
  CHECK(value.json.empty() != value.printed());
  return value.printed() ? value.json : "refused: " + value.failure;
}

std::string shown_golden(const std::string& name) {
  const auto g = golden_lines("avro_bytes.txt").at(name);
  return shown_by(g.rest, g.bytes);
}

constexpr auto tree = R"({"type":"record","name":"tree","fields":[
  {"name":"children","type":{"type":"array","items":"tree"}}]})";

} // namespace

TEST_CASE("records of Avro are shown by the writer's schema alone, as another library wrote them") {
  CHECK(
    shown_golden("small") ==
    R"({"id":1,"at":"2023-11-14T22:13:20.123Z","paid":true,"small":-7,"medium":65535,"large":9223372036854775807,)"
    R"("ratio":0.5,"main_color":"dark_blue","note":null,"ship_to":null,"points":null,"items":[],"readings":[],"matrix":[]})");
  CHECK(
    shown_golden("full") ==
    R"({"id":-9223372036854775808,"at":"1969-12-31T23:59:59.999Z","paid":false,"small":127,"medium":0,"large":0,)"
    R"("ratio":-1.25,"main_color":"red","note":"Zoë","ship_to":{"street":"","number":12},"points":[1,-1,64,-65],)"
    R"("items":[{"name":"pear","price":0.1,"paint":"green","tags":["a",""]},)"
    R"({"name":"","price":-0.0,"paint":null,"tags":[]}],"readings":[null,1.5,null],"matrix":[[],[0,255],[7]]})");
  CHECK(
    shown_golden("other_order_and_more") ==
    R"({"at":"1970-01-01T00:00:00.009Z","gone_null":null,"wide":2.5,"gone_map":{"k":["v","w"],"":[]},)"
    R"("gone_fixed":{"$bytes":"000102"},"n":4,"gone_tree":{"value":3,"children":[{"value":1,"children":[]},)"
    R"({"value":2,"children":[{"value":1,"children":[]},{"value":1,"children":[]}]}]},"gone_union":"B","text":"here",)"
    R"("gone_reals":{"a":1,"b":2,"c":true},"real":1.5})");
}

TEST_CASE("Avro's dates and times are shown as ISO-8601 has them, decimals as numbers with all their digits") {
  CHECK(
    shown_golden("times") ==
    R"({"day":"2024-05-01","before":"1969-12-31","clock":"23:59:59.007","fine_clock":"00:01:02.000003",)"
    R"("at":"2024-05-01T12:00:00.250Z","fine":"2024-05-01T12:00:00.250001Z","early":"1969-12-31T23:59:59.999999Z",)"
    R"("here":"2024-05-01T12:00:00.250","fine_here":"2024-05-01T12:00:00.250001"})");
  CHECK(shown_golden("money_bytes") == R"({"amount":-12.50,"fee":1234567890123456789012345678.0123456789})");
  CHECK(shown_golden("money_fixed") == R"({"amount":0.001,"fee":-)" + std::string(38, '9') + "}");
}

TEST_CASE("whatever else Avro has is shown, too") {
  CHECK(
    shown_golden("odds") ==
    R"({"key":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6","text":"Zoë\n","raw":{"$bytes":"ff00"},"hash":{"$bytes":"6162"},)"
    R"("price":-12.50,"huge":{"$bytes":"02f050fe938943acc45f65568000000000"},"colors":{"sky":"BLUE","\"":"RED"},)"
    R"("nothing":null,"either":{"value":-1,"children":[{"value":1,"children":[]},{"value":1,"children":[]}]},)"
    R"("many":[null,true,false],"ratio":0.1,"real":-0.0,"no_number":"NaN","no_end":"-Infinity","none":[]})");
  CHECK(
    shown_by(
      R"({"type":"fixed","name":"u","size":16,"logicalType":"uuid"})",
      "\xf8\x1d\x4f\xae\x7d\xec\x11\xd0\xa7\x65\x01\xa0\xc9\x1e\x6b\xf6") == R"("f81d4fae-7dec-11d0-a765-01a0c91e6bf6")");
  CHECK(shown_by(R"({"type":"map","values":"int"})", bytes({2, 2, 0xff, 4, 0})) == R"({"$bytes:ff":2})");
  CHECK(shown_by(R"("string")", bytes({2, 0xff})) == R"({"$bytes":"ff"})");
}

TEST_CASE("dates and times of Avro that have no form are the numbers that were written") {
  const auto shown_as = [](const std::string& base, const std::string& what, std::int64_t number) {
    std::string written;
    wire::put_folded(written, number);
    return shown_by(R"({"type":")" + base + R"(","logicalType":")" + what + R"("})", written);
  };
  CHECK(shown_as("int", "date", 2'932'896) == R"("9999-12-31")");
  CHECK(shown_as("int", "date", 2'932'897) == "2932897");
  CHECK(shown_as("int", "time-millis", 86'400'000) == "86400000");
  CHECK(shown_as("long", "time-micros", -1) == "-1");
  for (const auto* const what : {"timestamp-millis", "timestamp-micros", "local-timestamp-millis"})
    CHECK(shown_as("long", what, INT64_MAX) == "9223372036854775807");
  CHECK(shown_as("int", "timestamp-millis", 5) == "5"); // an annotation that does not fit
  CHECK(shown_as("long", "unknown", 5) == "5");
}

TEST_CASE("arrays of Avro come in blocks, with their size or without") {
  const auto* const numbers = R"({"type":"array","items":"int"})";
  CHECK(shown_by(numbers, bytes({4, 2, 4, 3, 4, 6, 8, 0})) == "[1,2,3,4]"); // the second has its size in bytes
  CHECK_THAT(shown_by(numbers, bytes({200, 1, 2})), Contains("there are said to be 100 elements, more than can be"));
}

TEST_CASE("bytes that a schema of Avro has not written are refused, saying where") {
  const auto* const schema = R"({"type":"record","name":"r","fields":[
    {"name":"a","type":{"type":"array","items":["null",{"type":"enum","name":"e","symbols":["X"]}]}},
    {"name":"b","type":"boolean"}]})";
  CHECK(shown_by(schema, bytes({2, 2, 0, 0, 1})) == R"({"a":["X"],"b":true})");
  CHECK(shown_by(schema, bytes({2, 2, 0, 0})) == "refused: field `b`: the value ends too early, or is no Avro");
  CHECK(shown_by(schema, bytes({2, 2, 0, 0, 2})) == "refused: field `b`: expected a boolean, found the byte 0x02");
  CHECK(shown_by(schema, bytes({2, 4, 0, 0})) == "refused: field `a[0]`: branch 2 of a union of 2");
  CHECK(shown_by(schema, bytes({2, 2, 2, 0})) == "refused: field `a[0]`: symbol 1 of an enum of 1");
  CHECK_THAT(shown_by(schema, bytes({2, 2, 0, 0, 1, 7})), Contains("1 bytes behind the value"));
  CHECK(shown_by(R"("int")", bytes({0x80, 0x80, 0x80, 0x80, 0x20})) == "refused: 4294967296 does not fit into int");
}

TEST_CASE("a value of Avro can be neither so deep nor so long that showing it does harm") {
  std::string nested;
  for (int i = 0; i < 2'000; ++i)
    wire::put_folded(nested, 1);
  CHECK_THAT(shown_by(tree, nested), Contains("is nested more than 1024 deep"));
  std::string some, nothings;
  wire::put_folded(some, 1'000'000);
  wire::put_folded(some, 0);
  CHECK(shown_by(R"({"type":"array","items":"null"})", some).size() == 5'000'001);
  wire::put_folded(nothings, INT64_MAX);
  CHECK_THAT(shown_by(R"({"type":"array","items":"null"})", nothings), Contains("takes more than 64 MB as JSON"));
}
