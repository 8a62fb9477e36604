#include <leat/base/encoded/encoded_type_of.hpp>

#include <leat/tests/base/random_types.hpp>

#include <catch2/catch.hpp>

#include <rapidcheck.h>

#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

using namespace leat;
using namespace leat::testing;

namespace {

enum class colour : std::uint8_t { red = 1, blue = 200 };
BOOST_DESCRIBE_ENUM(colour, red, blue)

enum class plain : std::int16_t { one };

struct order {
  std::string user;
  double total = 0;
  std::vector<timestamp> seen;
};
BOOST_DESCRIBE_STRUCT(order, (), (user, total, seen))

struct tree {
  std::int64_t size = 0;
  std::vector<tree> branches;
};
BOOST_DESCRIBE_STRUCT(tree, (), (size, branches))

struct sealed {
  void encode(byte_writer& to) const { to.fixed(true); }
  void decode(byte_reader& from) { (void)from.fixed<bool>(); }
};

/// Says as what it encodes itself.
struct open : sealed {
  using encoded_as = bool;
};

struct nobody {};

template <class T>
std::string text() {
  return type_text(encoded_type_of<T>());
}

} // namespace

TEST_CASE("numbers, texts and times are named with their width and unit") {
  CHECK(text<bool>() == "bool");
  CHECK(text<std::uint8_t>() == "uint8");
  CHECK(text<std::int64_t>() == "int64");
  CHECK(text<float>() == "float32");
  CHECK(text<std::string>() == "text");
  CHECK(text<timestamp>() == "timestamp");
  CHECK(text<duration>() == "duration<ms>");
  CHECK(text<std::chrono::duration<std::int64_t, std::ratio<1, 30>>>() == "duration<[1/30]s>");
  CHECK(text<colour>() == "enum<uint8>{red = 1, blue = 200}");
  CHECK(text<plain>() == "enum<int16>");
}

TEST_CASE("structs and containers are written with what is in them") {
  CHECK(text<order>() == "{user: text, total: float64, seen: [timestamp]}");
  CHECK(text<std::optional<std::pair<int, bool>>>() == "optional<(int32, bool)>");
  CHECK(text<std::array<float, 2>>() == "(float32, float32)");
  CHECK(text<std::map<std::string, std::set<int>>>() == "map<text, set<int32>>");
  CHECK(text<std::unordered_map<int, std::unordered_set<bool>>>() == "hash_map<int32, hash_set<bool>>");
  CHECK(text<std::variant<std::monostate, nobody, std::tuple<>>>() == "variant<nothing, nothing, ()>");
  CHECK(text<value_until<int>>() == "expiring<int32>");
}

TEST_CASE("the bytes are those of docs/formats/encoded_types.md") {
  const std::string bytes{
    "\x03"
    "ada"
    "\0\0\0\0\0\0\x04\x40"
    "\x01\x0a",
    14};
  CHECK(encoded(order{"ada", 2.5, {from_millis(5)}}) == bytes);
}

TEST_CASE("a type that encodes itself is opaque, unless it says as what") {
  CHECK(text<sealed>() == R"(opaque<"{anonymous}::sealed">)");
  CHECK(text<open>() == "bool");
}

TEST_CASE("a type that contains itself says how far out it is") {
  CHECK(text<tree>() == "{size: int64, branches: [^2]}");
  CHECK(text<std::vector<tree>>() == "[{size: int64, branches: ^2}]");
}

TEST_CASE("the text of a type is read again") {
  for (const auto& t :
       {text<colour>(), text<order>(), text<tree>(), text<std::optional<tree>>(), text<sealed>(),
        std::string{R"(opaque<"a \"b\" \\>">)"}, std::string{"duration<[-1/30]s>"}, std::string{"{}"}})
    CHECK(type_text(*parse_encoded_type(t)) == t);
}

TEST_CASE("the text of any type is read again") {
  CHECK(rc::check([] {
    const auto t = any_type(false, 4).stored;
    RC_ASSERT(type_text(*parse_encoded_type(t)) == t);
  }));
}

TEST_CASE("a text that is no type is refused with the place where it goes wrong") {
  CHECK_THROWS_WITH(
    parse_encoded_type("{user: txt}"),
    "'{user: txt}' does not describe the type of a saved value: at character 8 there should "
    "be a type. The saved state is damaged, or from a later version of Leat");
  for (const auto* const wrong :
       {"", "int7", "[text", "[]", "{a text}", "map<text>", "variant<>", "(^2)", "^0", "text ", "enum<text>", "enum<^1>",
        "opaque<\"a", "opaque<\"\\", "duration<years>", "duration<[1/]s>", "enum<int8>{a = 99999999999999999999}", "[^-1]"})
    CHECK_THROWS_AS(parse_encoded_type(wrong), state_error);
  CHECK_THROWS_AS(parse_encoded_type(std::string(100'000, '[')), state_error);
}
