#include <leat/connectors/formats/avro/avro_schema.hpp>

#include <leat/base/error.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using Catch::Contains;

TEST_CASE("what is no schema of Avro is refused") {
  const auto refusal = [](const std::string& text) {
    try {
      const avro_schema made{text};
    } catch (const config_error& e) {
      return std::string{e.what()};
    }
    return std::string{"taken"};
  };
  CHECK(refusal("long") == "taken");
  CHECK(refusal("\"long\"") == "taken");
  CHECK_THAT(refusal("{"), Contains("is no JSON"));
  CHECK_THAT(refusal("7"), Contains("expected a type, found 7"));
  CHECK_THAT(refusal("\"Order\""), Contains("there is no type `Order`"));
  CHECK_THAT(refusal(R"({"name":"x"})"), Contains("a type needs a member"));
  CHECK_THAT(refusal(R"({"type":"record","name":"x"})"), Contains("record `x` has no \"fields\""));
  CHECK_THAT(refusal(R"({"type":"record","name":"1x","fields":[]})"), Contains("\"1x\" is no name of a type"));
  CHECK_THAT(
    refusal(R"({"type":"record","name":"x","fields":[{"name":"a b","type":"int"}]})"), Contains("is no name of a field"));
  CHECK_THAT(
    refusal(R"({"type":"record","name":"x","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]})"),
    Contains("two fields `a`"));
  CHECK_THAT(
    refusal(R"({"type":"record","name":"x","fields":[{"name":"a","type":"x"}]})"),
    Contains("contains itself in every value"));
  CHECK(refusal(R"({"type":"record","name":"x","fields":[{"name":"a","type":["null","x"]}]})") == "taken");
  CHECK_THAT(refusal(R"(["int",["null"]])"), Contains("directly contains another"));
  CHECK_THAT(refusal(R"(["int","int"])"), Contains("a union has int twice"));
  CHECK_THAT(refusal("[]"), Contains("no branches"));
  CHECK_THAT(refusal(R"({"type":"enum","name":"e","symbols":["A","A"]})"), Contains("is no name, or twice"));
  CHECK_THAT(refusal(R"({"type":"fixed","name":"e"})"), Contains("has no \"size\""));
  CHECK_THAT(refusal(R"({"type":"array"})"), Contains("has no \"items\""));
  CHECK_THAT(
    refusal(R"({"type":"record","name":"x","fields":[{"name":"a","type":"int","default":"1"}]})"),
    Contains("field `x.a`: the default \"1\" is no int"));
  std::string deep = "\"int\"";
  for (int i = 0; i < 1'000; ++i)
    deep = R"({"type":"array","items":)" + deep + "}";
  CHECK_THAT(refusal(deep), Contains("nested too deep"));
}
