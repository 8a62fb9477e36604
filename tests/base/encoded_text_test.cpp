#include <leat/base/encoded/encoded_text.hpp>

#include <leat/base/encoded/encoded_type_of.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <map>
#include <unordered_map>

using namespace leat;

namespace {

enum class colour { red, green };
BOOST_DESCRIBE_ENUM(colour, red)

struct point {
  std::int64_t x = 0;
  std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, name))

/// Can be saved, and that is all.
struct sealed {
  std::uint8_t inside = 0;

  void encode(byte_writer& to) const { to.fixed(inside); }
  void decode(byte_reader& from) { inside = from.fixed<std::uint8_t>(); }
};

/// Has a description as well, and a member that nothing but its own `encode` can save.
struct described_sealed {
  std::uint8_t inside = 0;
  std::chrono::steady_clock::time_point used{};

  void encode(byte_writer& to) const { to.fixed(inside); }
  void decode(byte_reader& from) { inside = from.fixed<std::uint8_t>(); }
};
BOOST_DESCRIBE_STRUCT(described_sealed, (), (inside, used))

template <class T>
std::string printed(const T& value) {
  return value_text(&encoded_type_of<T>(), encoded(value));
}

} // namespace

TEST_CASE("numbers, texts and times are printed as people write them") {
  CHECK(printed(std::int8_t{-7}) == "-7");
  CHECK(printed(std::uint64_t{18'446'744'073'709'551'615U}) == "18446744073709551615");
  CHECK(printed(0.5) == "0.5");
  CHECK(printed(0.1F) == "0.1");
  CHECK(printed(true) == "true");
  CHECK(printed(std::string{"a \"word\"\n"}) == R"("a \"word\"\x0a")");
  CHECK(printed(from_millis(5)) == "1970-01-01T00:00:00.005Z");
  CHECK(printed(colour::red) == "red");
  CHECK(printed(colour::green) == "1"); // has no name
}

TEST_CASE("spans of time are printed with their unit") {
  CHECK(printed(duration{90'000}) == "90s");
  CHECK(printed(std::chrono::minutes{-3}) == "-3min");
  CHECK(printed(std::chrono::microseconds{1'500}) == "1500us");
  CHECK(printed(std::chrono::hours::max()) == "9223372036854775807h");
  CHECK(printed(std::chrono::duration<std::int64_t, std::ratio<1, 30>>{7}) == "7[1/30]s");
}

TEST_CASE("structs and containers are printed with what is in them") {
  CHECK(printed(point{3, "p"}) == R"({x: 3, name: "p"})");
  CHECK(printed(point{3, {}}) == "{x: 3, name: none}");
  CHECK(printed(std::vector<int>{1, 2}) == "[1, 2]");
  CHECK(printed(std::unordered_map<std::string, int>{{"b", 2}, {"a", 1}}) == R"({"a": 1, "b": 2})");
  CHECK(
    printed(std::unordered_map<int, bool>{{9, true}, {10, false}}) == "{10: false, 9: true}"); // as a person sorts texts
  CHECK(printed(std::map<int, bool>{{9, true}, {10, false}}) == "{9: true, 10: false}");
  CHECK(printed(std::pair{1, std::string{"x"}}) == R"((1, "x"))");
  CHECK(printed(std::variant<int, bool>{true}) == "true");
}

TEST_CASE("what can only be saved, or saves itself, is printed as its bytes") {
  CHECK(printed(sealed{31}) == "0x1f");
  CHECK(printed(described_sealed{31}) == "0x1f");
  CHECK_THROWS_AS(value_text(&encoded_type_of<point>(), "\x01"), state_error);
}

TEST_CASE("a number that its type cannot hold is damaged, and so is a yes or no that is neither") {
  CHECK_THROWS_AS(value_text(&encoded_type_of<std::int8_t>(), encoded(std::int64_t{128})), state_error);
  CHECK_THROWS_AS(value_text(&encoded_type_of<std::int8_t>(), encoded(std::int64_t{-129})), state_error);
  CHECK(value_text(&encoded_type_of<std::int8_t>(), encoded(std::int64_t{-128})) == "-128");
  CHECK_THROWS_AS(value_text(&encoded_type_of<std::uint16_t>(), encoded(std::uint64_t{65'536})), state_error);
  CHECK_THROWS_AS(value_text(&encoded_type_of<bool>(), "\x02"), state_error);
  CHECK_THROWS_AS(decoded<std::optional<int>>("\x02\x02"), state_error);
}

TEST_CASE("what encodes itself is shown up to where it ends, as long as the program has its type") {
  CHECK(printed(std::pair{sealed{31}, std::int64_t{1}}) == "(0x1f, 1)");
  const auto saved = parse_encoded_type("(int8, opaque<\"gone\">)");
  CHECK(value_text(saved.get(), std::string("\x02\x1f\x02")) == "(1, 0x1f02)");
}

TEST_CASE("a value that expires is printed with its time, if it ever does") {
  CHECK(
    value_text(&encoded_type_of<value_until<int>>(), encoded(std::pair{7, from_millis(5)})) ==
    "7 until 1970-01-01T00:00:00.005Z");
  CHECK(value_text(&encoded_type_of<value_until<int>>(), encoded(std::pair{7, max_timestamp})) == "7");
}
