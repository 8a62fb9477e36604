#include <leat/base/encoded/type_change.hpp>

#include <leat/base/encoded/encoded_text.hpp>
#include <leat/base/encoded/encoded_type_of.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

using namespace leat;

namespace {

using sentences = std::vector<std::string>;

/// An order as it was, and as it is.
namespace before {
struct line {
  std::string item;
  std::uint8_t count = 0;
};
BOOST_DESCRIBE_STRUCT(line, (), (item, count))
struct order {
  std::string user, note;
  float total = 0;
  std::vector<line> lines;
};
BOOST_DESCRIBE_STRUCT(order, (), (user, note, total, lines))
} // namespace before

namespace now {
struct line {
  std::uint32_t count = 0;
  std::string item;
  std::string unit = "piece";
};
BOOST_DESCRIBE_STRUCT(line, (), (count, item, unit))
struct order {
  std::optional<std::string> user;
  double total = 0;
  std::vector<line> lines;
  std::vector<timestamp> seen;
};
BOOST_DESCRIBE_STRUCT(order, (), (user, total, lines, seen))
} // namespace now

struct tree {
  std::uint8_t size = 0;
  std::vector<tree> branches;
};
BOOST_DESCRIBE_STRUCT(tree, (), (size, branches))

struct coloured_tree {
  std::uint8_t size = 0;
  std::string colour = "green";
  std::vector<coloured_tree> branches;
};
BOOST_DESCRIBE_STRUCT(coloured_tree, (), (size, colour, branches))

/// Nobody but itself knows what its bytes are.
struct sealed {
  std::string inside;
  void encode(byte_writer& to) const { to.text(inside); }
  void decode(byte_reader& from) { inside = from.text(); }
};

struct sealed_and_number {
  sealed secret;
  std::int64_t number = 7;
};
BOOST_DESCRIBE_STRUCT(sealed_and_number, (), (secret, number))

struct only_sealed {
  sealed secret;
};
BOOST_DESCRIBE_STRUCT(only_sealed, (), (secret))

struct only_number {
  std::int64_t number = 7;
};
BOOST_DESCRIBE_STRUCT(only_number, (), (number))

struct empty {};
BOOST_DESCRIBE_STRUCT(empty, (), ())

/// What the bytes of a value become, as a checkpoint has them: the type it was saved with is read from text.
template <class T, class Was>
T converted(const Was& value) {
  const auto stored = parse_encoded_type(type_text(encoded_type_of<Was>()));
  const type_change change{*stored, encoded_type_of<T>()};
  REQUIRE(change.refused() == sentences{});
  const auto bytes = encoded(value);
  byte_reader from{bytes};
  std::string made;
  byte_writer to{made};
  change.convert(from, to);
  from.expect_end();
  return decoded<T>(made);
}

/// A change of types that are written as text.
struct text_change {
  text_change(const std::string& was, const std::string& is, type_change::changing what = type_change::changing::value)
    : stored{parse_encoded_type(was)}, wanted{parse_encoded_type(is)}, change{*stored, *wanted, what} {}

  std::shared_ptr<const encoded_type> stored, wanted;
  type_change change;
};

sentences refused(const std::string& was, const std::string& is) { return text_change{was, is}.change.refused(); }

} // namespace

TEST_CASE("a record that has changed in all ways that are allowed is converted") {
  const auto o = converted<now::order>(before::order{"ada", "in a hurry", 2.5F, {{"pen", 200}, {"ink", 1}}});
  CHECK(o.user == "ada");
  CHECK(o.total == 2.5);
  CHECK(o.seen.empty());
  REQUIRE(o.lines.size() == 2);
  CHECK(o.lines[0].item == "pen");
  CHECK(o.lines[0].count == 200);
}

TEST_CASE("a new member begins with its default member initializer") {
  CHECK(converted<now::order>(before::order{"ada", "", 0, {{"pen", 1}}}).lines[0].unit == "piece");
}

TEST_CASE("a type that contains itself is converted all the way down") {
  const auto t = converted<coloured_tree>(tree{1, {{2, {}}, {3, {{4, {}}}}}});
  CHECK(t.branches[1].branches[0].size == 4);
  CHECK(t.branches[1].branches[0].colour == "green");
}

TEST_CASE("a struct may lose all of its members") {
  CHECK(
    converted<std::vector<std::pair<empty, std::int16_t>>>(std::vector{std::pair{only_number{1}, std::int16_t{2}}})
      .size() == 1);
}

TEST_CASE("what encodes itself stays as it is beside what changes") {
  const auto with_number = converted<sealed_and_number>(only_sealed{{"word"}});
  CHECK(with_number.secret.inside == "word");
  CHECK(with_number.number == 7);
}

TEST_CASE("a member that encodes itself cannot go: nobody could tell where it ends") {
  const auto stored = parse_encoded_type(type_text(encoded_type_of<sealed_and_number>()));
  const type_change change{*stored, encoded_type_of<only_number>()};
  REQUIRE(change.refused().size() == 1);
  CHECK_THAT(
    change.refused()[0], Catch::StartsWith("secret: is gone, and with it the code that could tell where its bytes end"));
}

TEST_CASE("what is different and can be converted is said") {
  const type_change change{encoded_type_of<before::order>(), encoded_type_of<now::order>()};
  CHECK(
    change.converted() == sentences{
                            "user: is now optional", "note: is gone", "total: was float32, is now float64",
                            "lines[].count: was uint8, is now uint32", "lines[].unit: is new, and begins as \"piece\"",
                            "seen: is new, and begins as []"});
  CHECK(
    text_change{"{a: text, b: bool}", "{b: bool, a: text}"}.change.converted() ==
    sentences{"has its members in another order"});
  CHECK(text_change{"variant<text>", "variant<text, int8>"}.change.converted() == sentences{"<2>: is new, int8"});
}

TEST_CASE("integers are as wide as they need to be, and stay as they are in a wider type") {
  CHECK(text_change{"[{a: int8}]", "[{a: int64}]"}.change.same_bytes());
  CHECK(text_change{"variant<text>", "variant<text, int8>"}.change.same_bytes());
  CHECK(text_change{"{a: int8, b: [^2]}", "{a: int16, b: [^2]}"}.change.same_bytes());
  CHECK_FALSE(text_change{"{a: float32, b: [^2]}", "{a: float64, b: [^2]}"}.change.same_bytes());
  CHECK_FALSE(text_change{"text", "int8"}.change.same_bytes());
}

TEST_CASE("all else is refused with the way to what differs") {
  CHECK(refused("{total: text}", "{total: float64}") == sentences{"total: was text, is now float64"});
  CHECK(refused("int64", "int32") == sentences{"was int64, is now int32"});
  CHECK(refused("{a: [{b: uint8}]}", "{a: [{b: int16}]}") == sentences{"a[].b: was uint8, is now int16"});
  CHECK(refused("{a: optional<int8>}", "{a: int8}") == sentences{"a: was optional<int8>, is now int8"});
  CHECK(refused("(int8, (float64))", "(int8, (float32))") == sentences{"(2)(1): was float64, is now float32"});
  CHECK(refused("variant<int8, text>", "variant<text, int8>").size() == 2);
  CHECK(refused("variant<int8, text>", "variant<int8>") == sentences{"was variant<int8, text>, is now variant<int8>"});
  CHECK(refused("duration<s>", "duration<ms>") == sentences{"was duration<s>, is now duration<ms>"});
  CHECK(refused("map<text, int8>", "hash_map<text, int8>").size() == 1);
  CHECK(refused(R"(opaque<"a">)", R"(opaque<"b">)").size() == 1);
  CHECK(
    refused("{a: int8, b: text}", "{a: text, b: int8}") ==
    sentences{"a: was int8, is now text", "b: was text, is now int8"});
}

TEST_CASE("a record of which nothing is left is another one") {
  CHECK(refused("{a: int8}", "{b: int8}") == sentences{"was {a: int8}, is now {b: int8}"});
  CHECK(refused("{}", "{b: int8}").empty());
  CHECK(refused("{a: int8}", "{}").empty());
}

TEST_CASE("the name of a value of an enum keeps its number") {
  CHECK(refused("enum<int8>{red = 1}", "enum<int16>{red = 1, blue = 2}").empty());
  CHECK(
    refused("{c: enum<int8>{red = 1, blue = 2}}", "{c: enum<int8>{blue = 1, red = 2}}") ==
    sentences{"c: blue was 2, is now 1", "c: red was 1, is now 2"});
}

TEST_CASE("keys do not change") {
  CHECK(
    refused("map<int8, text>", "map<int16, text>") == sentences{"[key]: was int8, is now int16, and keys may not change"});
  CHECK(refused("{a: set<{b: int8}>}", "{a: set<{b: int8, c: int8}>}").size() == 1);
  const text_change of_state{"(text, int8)", "(text, optional<int8>)", type_change::changing::key};
  CHECK(of_state.change.refused() == sentences{"(2): was int8, is now optional<int8>, and keys may not change"});
  CHECK_FALSE(text_change{"variant<text>", "variant<text, int8>", type_change::changing::key}.change.possible());
  CHECK_FALSE(text_change{"{a: text}", "{a: text, b: text}", type_change::changing::key}.change.possible());
  CHECK(text_change{"enum<int8>{a = 1}", "enum<int8>{a = 1, b = 2}", type_change::changing::key}.change.same_bytes());
  CHECK(text_change{"{a: text}", "{a: text}", type_change::changing::key}.change.same_bytes());
}

TEST_CASE("the values of a hash map change, and its keys stay where they are") {
  using ints = std::unordered_map<std::string, float>;
  using doubles = std::unordered_map<std::string, double>;
  const auto all = converted<doubles>(ints{{"b", 1.5F}, {"a", 2.5F}, {"c", 0.5F}});
  CHECK(all == doubles{{"a", 2.5}, {"b", 1.5}, {"c", 0.5}});
}

TEST_CASE("damaged bytes are refused, not converted") {
  const text_change change{"{a: uint8, b: optional<float32>}", "{a: uint16, b: optional<float64>}"};
  for (const std::string bytes : {"", "\x01", "\x01\x02", "\x01\x01\x01\x01\x01", "\x80\x80"}) {
    byte_reader from{bytes};
    std::string made;
    byte_writer to{made};
    CHECK_THROWS_AS(change.change.convert(from, to), state_error);
  }
}

TEST_CASE("values that lie too deep in one another are refused, whoever reads them") {
  const text_change change{"{a: float32, b: [^2]}", "{a: float64, b: [^2]}"};
  std::string deep;
  for (int i = 0; i < 100'000; ++i)
    deep += std::string("\0\0\0\0\x01", 5);
  byte_reader from{deep};
  std::string made;
  byte_writer to{made};
  CHECK_THROWS_AS(change.change.convert(from, to), state_error);
  CHECK_THROWS_WITH(value_text(change.stored.get(), deep), Catch::Contains("nested more than 1,000 deep"));
}
