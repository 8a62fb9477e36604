#include <leat/connectors/formats/json/encoded_json.hpp>

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/error.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <variant>

using namespace leat;
using Catch::Contains;

namespace {

enum class colour : std::uint8_t { red, green = 200 };
BOOST_DESCRIBE_ENUM(colour, red)

struct purchase {
  std::string user;
  std::int64_t amount = 0;
  std::optional<timestamp> paid;
  std::vector<colour> colours;
};
BOOST_DESCRIBE_STRUCT(purchase, (), (user, amount, paid, colours))

struct tree {
  std::int64_t size = 0;
  std::vector<tree> branches;
};
BOOST_DESCRIBE_STRUCT(tree, (), (size, branches))

struct expires {
  std::string value;
  timestamp until;
  using encoded_as = value_until<std::string>;
  void encode(byte_writer& to) const { to.text(value), to.signed_number(to_millis(until)); }
  void decode(byte_reader&) {}
};

struct sealed {
  void encode(byte_writer& to) const { to.raw("\x01\xff"); }
  void decode(byte_reader& from) { (void)from.raw(2); }
};

std::string json_of(const encoded_type* type, std::string_view bytes) {
  json_writer to;
  write_json(to, type, bytes);
  return std::string{to.text()};
}

/// As a program prints it that has the type as text only.
template <class T>
std::string as_json(const T& value) {
  return json_of(parse_encoded_type(type_text(encoded_type_of<T>())).get(), leat::encoded(value));
}

template <class T>
T read_as(std::string_view text) {
  return leat::decoded<T>(encoded_from_json(*parse_encoded_type(type_text(encoded_type_of<T>())), text));
}

const std::string not_utf8 = "a\xff\xfe";

} // namespace

TEST_CASE("integers are written with all their digits, floats with those that read back, and what is none as a word") {
  CHECK(as_json(std::uint64_t{18'446'744'073'709'551'615U}) == "18446744073709551615");
  CHECK(as_json(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(as_json(std::int8_t{-7}) == "-7");
  CHECK(as_json(0.1) == "0.1");
  CHECK(as_json(0.1F) == "0.1");
  CHECK(as_json(0.25L) == "0.25");
  CHECK(as_json(std::vector<double>{-0.0, std::nan(""), HUGE_VAL, -HUGE_VAL}) == R"([-0.0,"NaN","Infinity","-Infinity"])");
  CHECK(as_json(HUGE_VALF) == R"("Infinity")");
  CHECK(as_json(-HUGE_VALL) == R"("-Infinity")");
}

TEST_CASE("text is written as text, and bytes that are none as their digits") {
  CHECK(as_json(std::string{"a \"word\"\n\xc3\xa9"}) == "\"a \\\"word\\\"\\n\xc3\xa9\"");
  CHECK(as_json(not_utf8) == R"({"$bytes":"61fffe"})");
  CHECK(as_json(sealed{}) == R"({"$bytes":"01ff"})");
  CHECK(json_of(nullptr, "\x02z") == R"({"$bytes":"027a"})");
  CHECK(as_json(std::monostate{}) == "null");
  CHECK(as_json(true) == "true");
}

TEST_CASE("times are written as people write them") {
  CHECK(as_json(from_millis(1'700'000'000'250)) == R"("2023-11-14T22:13:20.250Z")");
  CHECK(as_json(std::vector{min_timestamp, max_timestamp}) == R"(["-inf","+inf"])");
  CHECK(as_json(from_millis(400'000'000'000'000)) == "400000000000000");
  CHECK(as_json(std::chrono::milliseconds{90'000}) == R"("90s")");
  CHECK(as_json(std::chrono::hours{25}) == R"("25h")");
}

TEST_CASE("what is made of parts is written with the names of its parts") {
  CHECK(
    as_json(purchase{"ada", -5, from_millis(0), {colour::red, colour::green}}) ==
    R"({"user":"ada","amount":-5,"paid":"1970-01-01T00:00:00.000Z","colours":["red",200]})");
  CHECK(as_json(purchase{}) == R"({"user":"","amount":0,"paid":null,"colours":[]})");
  CHECK(
    as_json(tree{1, {{2, {}}, {3, {{4, {}}}}}}) ==
    R"({"size":1,"branches":[{"size":2,"branches":[]},{"size":3,"branches":[{"size":4,"branches":[]}]}]})");
  CHECK(as_json(std::tuple{std::string{"x"}, std::int64_t{1}, std::set<std::int32_t>{3, 2}}) == R"(["x",1,[2,3]])");
  using either = std::variant<std::int64_t, std::string>;
  CHECK(as_json(std::vector<either>{std::int64_t{1}, "b"}) == R"([{"index":0,"value":1},{"index":1,"value":"b"}])");
}

TEST_CASE("a map is an object when its keys are names, and pairs otherwise") {
  CHECK(as_json(std::map<std::string, int>{{"a", 1}, {not_utf8, 2}}) == R"({"a":1,"$bytes:61fffe":2})");
  CHECK(as_json(std::map<colour, bool>{{colour::red, true}, {colour::green, false}}) == R"({"red":true,"200":false})");
  CHECK(as_json(std::unordered_map<std::int64_t, std::string>{{7, "x"}}) == R"([[7,"x"]])");
}

TEST_CASE("a value that ends says when, and one that does not is the value") {
  CHECK(as_json(expires{"x", max_timestamp}) == R"("x")");
  CHECK(as_json(std::vector{expires{"x", from_millis(0)}}) == R"([{"value":"x","until":"1970-01-01T00:00:00.000Z"}])");
}

TEST_CASE("bytes of another type, too few or too many, are refused") {
  const auto& type = encoded_type_of<purchase>();
  const auto bytes = leat::encoded(purchase{"ada", 1, {}, {}});
  CHECK_THROWS_AS(json_of(&type, bytes.substr(0, bytes.size() - 1)), state_error);
  CHECK_THROWS_AS(json_of(&type, bytes + "x"), state_error);
}

TEST_CASE("a key is read as it is written") {
  const auto there_and_back = [](const auto& value) {
    return read_as<std::remove_cvref_t<decltype(value)>>(as_json(value)) == value;
  };
  CHECK(there_and_back(std::uint64_t{18'446'744'073'709'551'615U}));
  CHECK(there_and_back(std::numeric_limits<std::int64_t>::min()));
  CHECK(there_and_back(std::string{"a \"word\"\n"}));
  CHECK(there_and_back(not_utf8));
  CHECK(there_and_back(colour::red));
  CHECK(there_and_back(colour::green));
  CHECK(there_and_back(min_timestamp));
  CHECK(there_and_back(std::chrono::minutes{-90}));
  CHECK(there_and_back(std::tuple{std::string{"x"}, true, std::optional{1.5}, std::optional<int>{}}));
  CHECK(there_and_back(std::vector<float>{-HUGE_VALF, 0.1F}));
  const auto o = read_as<purchase>(as_json(purchase{"ada", -5, from_millis(1), {colour::red, colour::green}}));
  CHECK(as_json(o) == R"({"user":"ada","amount":-5,"paid":"1970-01-01T00:00:00.001Z","colours":["red",200]})");
}

TEST_CASE("text, times and names of enums need no quotes") {
  CHECK(read_as<std::string>("user 7") == "user 7");
  CHECK(read_as<std::string>("12") == "12");
  CHECK(read_as<std::string>("{x}") == "{x}");
  CHECK(read_as<timestamp>("2023-11-14T22:13:20Z") == from_millis(1'700'000'000'000));
  CHECK(read_as<timestamp>("1700000000000") == from_millis(1'700'000'000'000));
  CHECK(read_as<std::vector<timestamp>>("[5]") == std::vector{from_millis(5)});
  CHECK(read_as<std::chrono::milliseconds>("2min") == 2min);
  CHECK(read_as<std::chrono::seconds>("3000ms") == 3s);
  CHECK(read_as<colour>("red") == colour::red);
}

TEST_CASE("what is no such value is refused with the type that was expected") {
  CHECK_THROWS_WITH(read_as<std::int64_t>("ten"), Contains("expected a value of type int64, found ten, which is no JSON"));
  CHECK_THROWS_WITH(read_as<std::int8_t>("128"), "expected a value of type int8, found 128");
  CHECK_THROWS_WITH(read_as<std::uint8_t>("256"), "expected a value of type uint8, found 256");
  CHECK_THROWS_WITH(read_as<std::uint8_t>("-1"), "expected a value of type uint8, found -1");
  CHECK_THROWS_WITH(read_as<std::chrono::seconds>("1500ms"), "expected a value of type duration<s>, found 1500ms");
  CHECK_THROWS_WITH(
    read_as<std::vector<decimal>>("[2.50]"),
    "a decimal with a point or an exponent, such as 2.5, stands in quotes inside of other values");
  CHECK_THROWS_WITH(read_as<timestamp>("noon"), "expected a value of type timestamp, found noon");
  CHECK_THROWS_WITH(read_as<colour>("blue"), Contains("{red = 0}, found blue"));
  CHECK_THROWS_WITH(read_as<purchase>(R"({"user":"ada"})"), Contains(R"(found {"user":"ada"})"));
  using pair = std::pair<std::int64_t, std::string>;
  CHECK_THROWS_WITH(read_as<pair>(R"([1,"a",2])"), R"(expected a value of type (int64, text), found [1,"a",2])");
  CHECK_THROWS_WITH(read_as<std::set<int>>("[1]"), "a value of type set<int32> cannot be written by hand");
}
