#include <leat/base/encoding.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

using namespace leat;

namespace {

enum class colour : std::uint8_t { red = 1, blue = 200 };

struct point {
  std::int32_t x = 0;
  double y = 0;

  friend bool operator==(const point&, const point&) = default;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct shape {
  std::string name;
  std::optional<colour> filled;
  std::vector<point> corners;
  std::map<std::string, std::int64_t> tags;
  timestamp drawn;

  friend bool operator==(const shape&, const shape&) = default;
};
BOOST_DESCRIBE_STRUCT(shape, (), (name, filled, corners, tags, drawn))

/// Saves itself as half of what it is.
struct even {
  int n = 0;
  void encode(byte_writer& to) const { to.signed_number(n / 2); }
  void decode(byte_reader& from) { n = static_cast<int>(from.signed_number() * 2); }
  friend bool operator==(const even&, const even&) = default;
};

template <class T>
void check_round_trip(const T& value) {
  CHECK(decoded<T>(encoded(value)) == value);
}

} // namespace

TEST_CASE("what is saved is loaded again") {
  check_round_trip(true);
  for (const auto n :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, std::int64_t{-64}, std::int64_t{1} << 40,
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    check_round_trip(n);
  check_round_trip(std::numeric_limits<std::uint64_t>::max());
  check_round_trip(-0.1F);
  check_round_trip(std::numeric_limits<double>::infinity());
  check_round_trip(colour::blue);
  check_round_trip(std::string{"z\0rich", 6});
  check_round_trip(min_timestamp);
  check_round_trip(duration{-5});
  check_round_trip(std::variant<std::int64_t, std::string>{"text"});
  check_round_trip(std::pair{1, std::string{"one"}});
  check_round_trip(std::tuple{1, 2.5, std::string{"three"}});
  check_round_trip(std::array<int, 3>{1, 2, 3});
  check_round_trip(std::deque<std::int32_t>{-5, 5});
  check_round_trip(std::set<std::string>{"a", "b"});
  check_round_trip(std::unordered_map<int, std::vector<bool>>{{1, {true, false}}, {2, {}}});
  check_round_trip(even{6});
  check_round_trip(std::monostate{});
  check_round_trip(shape{"house", colour::red, {{1, 0.5}, {-2, 0}}, {{"floors", 2}}, from_millis(-7)});
}

TEST_CASE("small numbers are short, and the form is fixed") {
  CHECK(encoded(std::int64_t{-1}) == "\x01");
  CHECK(encoded(std::uint32_t{300}) == "\xAC\x02");
  CHECK(
    encoded(std::string{"ab"}) == "\x02"
                                  "ab");
  CHECK(encoded(std::vector<std::int64_t>{1, -2}) == "\x02\x02\x03");
  CHECK(encoded(std::int64_t{std::numeric_limits<std::int64_t>::min()}).size() == 10);
}

TEST_CASE("bytes that end too early are refused, wherever they end") {
  const auto whole = encoded(shape{"house", colour::red, {{1, 0.5}, {-2, 0}}, {{"floors", 2}}, from_millis(7)});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto part = whole.substr(0, size);
    byte_reader from{part};
    shape s;
    CHECK_THROWS_AS(decode(from, s), state_error);
  }
}

TEST_CASE("sizes and alternatives that cannot be are refused before memory is taken") {
  const auto load = [](auto value, const std::string& bytes) {
    byte_reader from{bytes};
    decode(from, value);
  };
  CHECK_THROWS_AS(load(std::vector<int>{}, encoded(std::numeric_limits<std::uint64_t>::max())), state_error);
  CHECK_THROWS_AS(load(std::string{}, encoded(std::numeric_limits<std::uint64_t>::max())), state_error);
  CHECK_THROWS_AS((load(std::variant<int, bool>{}, encoded(2))), state_error);
  CHECK_THROWS_AS(load(std::uint64_t{}, std::string(11, '\xFF')), state_error);
  CHECK_THROWS_AS(load(std::int16_t{}, encoded(std::int64_t{40'000})), state_error);
  CHECK_THROWS_AS(load(std::uint8_t{}, encoded(std::uint32_t{256})), state_error);
}
