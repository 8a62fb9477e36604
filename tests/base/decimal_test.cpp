#include <leat/base/decimal.hpp>

#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>

#include <boost/multiprecision/cpp_int.hpp>
#include <catch2/catch.hpp>

#include <random>
#include <stdexcept>

using namespace leat;
using Catch::Contains;

namespace {

using exact = boost::multiprecision::cpp_rational;
using integer = boost::multiprecision::cpp_int;

/// What the digits mean, by way of the text.
exact value_of(const decimal& d) {
  integer unscaled = 0;
  for (const auto c : to_string(d))
    if (c >= '0' && c <= '9')
      unscaled = unscaled * 10 + (c - '0');
  return exact{d < 0 ? -unscaled : unscaled, pow(integer{10}, static_cast<unsigned>(d.scale()))};
}

std::string read(std::string_view text) {
  decimal d;
  switch (decimal::parse(text, d)) {
  case decimal_outcome::ok:
    return to_string(d);
  case decimal_outcome::malformed:
    return "malformed";
  default:
    return "too many digits";
  }
}

/// Numbers of all sizes, with the point anywhere.
class random_decimals {
public:
  explicit random_decimals(unsigned seed) : random_{seed} {}

  std::string text(int most_digits = decimal::max_digits) {
    const int digits = pick(1, most_digits);
    std::string t;
    for (int i = 0; i < digits; ++i)
      t += static_cast<char>('0' + (i == 0 ? pick(1, 9) : pick(0, 9)));
    if (const int scale = pick(0, digits); scale != 0)
      t.insert(static_cast<std::size_t>(digits - scale), scale == digits ? "0." : ".");
    return pick(0, 1) ? "-" + t : t;
  }

  decimal next(int most_digits = decimal::max_digits) { return decimal{text(most_digits)}; }

  int pick(int least, int most) { return std::uniform_int_distribution{least, most}(random_); }

private:
  std::mt19937 random_;
};

template <class F>
std::optional<decimal> unless_overflow(F f) {
  try {
    return f();
  } catch (const std::overflow_error&) {
    return std::nullopt;
  }
}

const std::string nines(38, '9');

} // namespace

TEST_CASE("a decimal is written as it was read") {
  for (const std::string text :
       {"0", "12.50", "-0.05", "0.00", "100", "0.1", "-7", "9007199254740993", "18446744073709551616"})
    CHECK(read(text) == text);
  random_decimals some{1};
  for (int i = 0; i < 10'000; ++i) {
    const auto text = some.text();
    REQUIRE(read(text) == text);
  }
}

TEST_CASE("other ways to write a decimal come to plain digits") {
  CHECK(read("+1") == "1");
  CHECK(read("-0.00") == "0.00");
  CHECK(read("007.5") == "7.5");
  CHECK(read(".5") == "0.5");
  CHECK(read("5.") == "5");
  CHECK(read("1e3") == "1000");
  CHECK(read("1.5E-3") == "0.0015");
  CHECK(read("1250e-2") == "12.50");
  CHECK(read("0e999999999999999999999") == "0");
  CHECK(read("0e-99") == "0." + std::string(38, '0'));
}

TEST_CASE("what is no number is no decimal") {
  for (const std::string text :
       {"", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5.0", "1 ", " 1", "1,5", "0x1", "NaN", "Infinity", "1.2.3", "--1",
        "1_000"})
    CHECK(read(text) == "malformed");
  CHECK(read(std::string_view{"1\0", 2}) == "malformed");
}

TEST_CASE("a decimal has 38 digits, wherever the point is, and no more") {
  CHECK(read(nines) == nines);
  CHECK(read("-" + nines) == "-" + nines);
  CHECK(read("0." + nines) == "0." + nines);
  CHECK(read(std::string(50, '0') + nines) == nines);
  CHECK(read("1" + std::string(37, '0')) == "1" + std::string(37, '0'));
  CHECK(read("1e37") == "1" + std::string(37, '0'));
  CHECK(read("1e-38") == "0." + std::string(37, '0') + "1");
  for (const auto& text :
       {nines + "9", nines + ".1", "0." + nines + "1", std::string{"1e38"}, std::string{"1e-39"},
        "1" + std::string(38, '0'), std::string{"1e99999999999999999999"}, "0." + std::string(38, '0') + "1"})
    CHECK(read(text) == "too many digits");
}

TEST_CASE("zeros behind the point give way to digits before it") {
  CHECK(read("1." + std::string(60, '0')) == "1." + std::string(37, '0'));
  CHECK(read(nines + ".000") == nines);
  CHECK(read("1.5" + std::string(80, '0')) == "1.5" + std::string(36, '0'));
}

TEST_CASE("what cannot be read is named") {
  CHECK_THROWS_WITH(decimal{"12,50"}, "`12,50` is no number");
  CHECK_THROWS_WITH(decimal{nines + "1"}, Contains("more than the 38 digits"));
}

TEST_CASE("decimals of whole numbers") {
  CHECK(to_string(decimal{}) == "0");
  CHECK(to_string(decimal{std::numeric_limits<std::int64_t>::min()}) == "-9223372036854775808");
  CHECK(to_string(decimal{std::numeric_limits<std::uint64_t>::max()}) == "18446744073709551615");
  CHECK(decimal{5} == decimal{"5.00"});
  CHECK(decimal{"5.00"} > 4);
}

TEST_CASE("decimals are compared by value") {
  CHECK(decimal{"12.5"} == decimal{"12.50"});
  CHECK(decimal{"-0.1"} < decimal{"0.0"});
  CHECK(decimal{nines} > decimal{"0." + nines});
  CHECK(decimal{"-" + nines} < decimal{"-0." + nines});
  random_decimals some{2};
  for (int i = 0; i < 10'000; ++i) {
    const auto a = some.next(),
               b = some.pick(0, 9) == 0 ? a.round(std::max(0, a.scale() - 1), rounding::down) : some.next();
    const auto x = value_of(a), y = value_of(b);
    REQUIRE((a < b) == (x < y));
    REQUIRE((a == b) == (x == y));
    REQUIRE((a > b) == (x > y));
  }
}

TEST_CASE("sums, differences and products are exact") {
  CHECK(to_string(decimal{"0.1"} + decimal{"0.2"}) == "0.3");
  CHECK(to_string(decimal{"12.50"} + 3) == "15.50");
  CHECK(to_string(decimal{"1.00"} - decimal{"1.00"}) == "0.00");
  CHECK(to_string(decimal{"19.99"} * 3) == "59.97");
  CHECK(to_string(decimal{"-1.50"} * decimal{"0.5"}) == "-0.750");
  CHECK(to_string(-decimal{"1.50"}) == "-1.50");
  random_decimals some{3};
  int made = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto a = some.next(i % 2 ? 19 : 38), b = some.next(i % 2 ? 19 : 38);
    const exact x = value_of(a), y = value_of(b);
    const std::pair<decimal (*)(const decimal&, const decimal&), exact> cases[] = {
      {[](const decimal& l, const decimal& r) { return l + r; }, x + y},
      {[](const decimal& l, const decimal& r) { return l - r; }, x - y},
      {[](const decimal& l, const decimal& r) { return l * r; }, x * y}};
    for (const auto& [calculated, wanted] : cases)
      if (const auto result = unless_overflow([&] { return calculated(a, b); })) {
        REQUIRE(value_of(*result) == wanted);
        ++made;
      }
  }
  CHECK(made > 15'000);
}

TEST_CASE("a result without room loses zeros, and then is an error") {
  CHECK(to_string(decimal{nines} + decimal{"0.00"}) == nines);
  CHECK(to_string(decimal{"1" + std::string(36, '0')} + decimal{"1.00"}) == "1" + std::string(35, '0') + "1.0");
  CHECK(
    to_string(decimal{"0.5" + std::string(30, '0')} * decimal{"0.5" + std::string(30, '0')}) ==
    "0.25" + std::string(36, '0'));
  CHECK_THROWS_WITH(decimal{nines} + 1, Contains("more than 38 digits") && Contains("round it"));
  CHECK_THROWS_AS(decimal{nines} + decimal{"0.1"}, std::overflow_error);
  CHECK_THROWS_AS(decimal{"-" + nines} - 1, std::overflow_error);
  CHECK_THROWS_AS(decimal{nines} * 2, std::overflow_error);
  CHECK_THROWS_AS(decimal{"1e-38"} * decimal{"0.1"}, std::overflow_error);
}

TEST_CASE("rounding says what becomes of the digits") {
  const auto all = [](std::string_view text, int scale) {
    const decimal d{text};
    return to_string(d.round(scale)) + " " + to_string(d.round(scale, rounding::half_even)) + " " +
           to_string(d.round(scale, rounding::down));
  };
  CHECK(all("2.5", 0) == "3 2 2");
  CHECK(all("3.5", 0) == "4 4 3");
  CHECK(all("-2.5", 0) == "-3 -2 -2");
  CHECK(all("2.51", 0) == "3 3 2");
  CHECK(all("2.49", 0) == "2 2 2");
  CHECK(all("-0.005", 2) == "-0.01 0.00 0.00");
  CHECK(all("1.2", 3) == "1.200 1.200 1.200");
  CHECK(all("0." + nines, 0) == "1 1 0");
  CHECK_THROWS_AS(decimal{nines}.round(1), std::overflow_error);
  CHECK_THROWS_AS(decimal{1}.round(-1), std::overflow_error);
  CHECK_THROWS_AS(decimal{1}.round(39), std::overflow_error);
}

TEST_CASE("quotients have as many digits as asked for") {
  CHECK(to_string(decimal{"10.00"}.divide(3, 2)) == "3.33");
  CHECK(to_string(decimal{"20.00"}.divide(3, 2)) == "6.67");
  CHECK(to_string(decimal{"-20"}.divide(3, 0)) == "-7");
  CHECK(to_string(decimal{1}.divide(8, 2)) == "0.13");
  CHECK(to_string(decimal{1}.divide(8, 2, rounding::half_even)) == "0.12");
  CHECK(to_string(decimal{1}.divide(-8, 2)) == "-0.13");
  CHECK(to_string(decimal{nines}.divide(decimal{nines}, 37)) == "1." + std::string(37, '0'));
  CHECK(to_string(decimal{"1e-38"}.divide(decimal{"1e-38"}, 0)) == "1");
  CHECK_THROWS_AS(decimal{1}.divide(0, 2), std::domain_error);
  CHECK_THROWS_AS(decimal{nines}.divide(decimal{"0.1"}, 0), std::overflow_error);
  random_decimals some{4};
  for (int i = 0; i < 5'000; ++i) {
    const auto a = some.next(18), b = some.next(18);
    const exact difference = value_of(a) / value_of(b) - value_of(a.divide(b, 18));
    REQUIRE(abs(difference) * 2 <= exact{1, pow(integer{10}, 18)});
  }
}

TEST_CASE("how many digits a decimal has") {
  CHECK(decimal{}.digits() == 1);
  CHECK(decimal{"0.00"}.digits() == 1);
  CHECK(decimal{"-12.50"}.digits() == 4);
  CHECK(decimal{nines}.digits() == 38);
  CHECK(decimal{"12.50"}.scale() == 2);
}

TEST_CASE("the nearest double of a decimal") {
  CHECK(static_cast<double>(decimal{"0.1"}) == 0.1);
  CHECK(static_cast<double>(decimal{"-12.50"}) == -12.5);
  CHECK(static_cast<double>(decimal{"9007199254740993"}) == 9007199254740992.0);
}

TEST_CASE("decimals are saved with their digits") {
  CHECK(encoded(decimal{"12.50"}) == std::string{"\x02\xc4\x13"});
  random_decimals some{5};
  for (int i = 0; i < 10'000; ++i) {
    const auto d = some.next();
    REQUIRE(to_string(decoded<decimal>(encoded(d))) == to_string(d));
  }
}

TEST_CASE("bytes that are no decimal are refused") {
  const auto refused = [](std::string bytes) { CHECK_THROWS_AS(decoded<decimal>(bytes), state_error); };
  refused("");
  refused("\x02");
  refused("\x02\x80");
  refused("\x27\x02");                                                // 39 digits behind the point
  refused(std::string{"\x00", 1} + std::string(18, '\xff') + "\x03"); // 2^127
  refused(std::string{"\x00", 1} + std::string(18, '\xff') + "\x7f"); // more bits than there are
  refused(std::string{"\x00", 1} + std::string(30, '\xff'));
}
