#include "json_fixture.hpp"

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/formats/csv.hpp>
#include <leat/connectors/formats/json/encoded_json.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

struct sum_paid {
  decimal amount;
  std::optional<decimal> fee;
};
BOOST_DESCRIBE_STRUCT(sum_paid, (), (amount, fee))

std::string amount_in_json(const std::string& value) {
  const auto document = R"({"fee":null,"amount":)" + value + "}";
  const auto decoder = json.make_decoder(schema_of<sum_paid>());
  const auto read = decode_all<sum_paid>(*decoder, {document, "{}", document});
  CHECK(read[0].record.has_value() == read[2].record.has_value());
  return read[0].record ? to_string(read[0].record->amount) : read[0].reason;
}

std::string amount_in_csv(const std::string& value) {
  const auto read = decode_all<sum_paid>(*csv.make_decoder(schema_of<sum_paid>()), {value + ","}).front();
  return read.record ? to_string(read.record->amount) : read.reason;
}

std::string csv_of(const sum_paid& p) {
  encoded_records out;
  std::vector<rejection> rejected;
  csv.make_encoder(schema_of<sum_paid>())->encode(&p, sizeof p, 1, out, rejected);
  REQUIRE(rejected.empty());
  return out.bytes;
}

const std::string digits(38, '7');

} // namespace

TEST_CASE("JSON keeps the digits of decimals") {
  CHECK(
    in_json(sum_paid{decimal{"12.50"}, decimal{"-0.0" + digits.substr(2)}}) ==
    R"({"amount":12.50,"fee":-0.0)" + digits.substr(2) + "}");
  CHECK(in_json(sum_paid{}) == R"({"amount":0,"fee":null})");
  for (const auto& text : {std::string{"12.50"}, std::string{"-0.05"}, std::string{"0.10000"}, digits, "0." + digits}) {
    CHECK(amount_in_json(text) == text);
    CHECK(amount_in_json('"' + text + '"') == text);
  }
  CHECK(amount_in_json("1.5e3 ") == "1500");
  CHECK(amount_in_json("-0.0") == "0.0");
  CHECK(amount_in_json(R"("\u0031.50")") == "1.50");
}

TEST_CASE("what is no decimal is refused in JSON") {
  CHECK(amount_in_json("null") == "field `amount`: expected a number, found null");
  CHECK(amount_in_json("true") == "field `amount`: expected a number, found true");
  CHECK(amount_in_json(R"("")") == "field `amount`: expected a number, found \"\"");
  CHECK(amount_in_json(R"("1,5")") == "field `amount`: expected a number, found \"1,5\"");
  CHECK(amount_in_json("[1]") == "field `amount`: expected a number, found a list");
  CHECK(amount_in_json("1e400") == "field `amount`: expected a number of at most 38 digits, found 1e400");
  CHECK(amount_in_json("1" + digits) == "field `amount`: expected a number of at most 38 digits, found 1" + digits);
  for (const std::string wrong : {"01", "+1", ".5", "5.", "1e", "NaN", "-", "1x", "1_0"})
    CHECK_THAT(amount_in_json(wrong), Catch::Contains("expected a number, found") || Catch::Contains("invalid JSON"));
}

TEST_CASE("CSV keeps the digits of decimals") {
  CHECK(csv_of({decimal{"12.50"}, decimal{"0.10"}}) == "12.50,0.10");
  for (const auto& text : {std::string{"12.50"}, std::string{"-0.05"}, digits, "0." + digits, '"' + digits + '"'})
    CHECK(amount_in_csv(text) == (text.front() == '"' ? digits : text));
  CHECK(amount_in_csv("1.5e3") == "1500");
  CHECK(amount_in_csv("x") == "field `amount`: expected a number, found \"x\"");
  CHECK(amount_in_csv(" 1") == "field `amount`: expected a number, found \" 1\"");
  CHECK(amount_in_csv("1e400") == "field `amount`: expected a number of at most 38 digits, found \"1e400\"");
  const auto none = decode_all<sum_paid>(*csv.make_decoder(schema_of<sum_paid>()), {"1,"}).front();
  CHECK(none.record.value().amount == 1);
  CHECK_FALSE(none.record.value().fee);
}

TEST_CASE("saved decimals are shown as JSON, and read from it") {
  const auto type = parse_encoded_type(type_text(encoded_type_of<sum_paid>()));
  CHECK(type_text(*type) == "{amount: decimal, fee: optional<decimal>}");
  json_writer to;
  write_json(to, type.get(), encoded(sum_paid{decimal{"12.50"}, decimal{digits}}));
  CHECK(to.text() == R"({"amount":12.50,"fee":)" + digits + "}");
  const auto& amount = encoded_type_of<decimal>();
  for (const std::string text : {"12.50", "\"12.50\""})
    CHECK(to_string(decoded<decimal>(encoded_from_json(amount, text))) == "12.50");
  CHECK(encoded_from_json(*type, R"({"amount":"1.50","fee":7})") == encoded(sum_paid{decimal{"1.50"}, decimal{7}}));
  CHECK_THROWS_AS(
    encoded_from_json(*type, R"({"amount":1.5,"fee":null})"), config_error); // its digits are lost in the parser
  CHECK_THROWS_AS(encoded_from_json(amount, "1.x"), config_error);
}
