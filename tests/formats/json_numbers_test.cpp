#include "json_fixture.hpp"

#include <bit>
#include <cfloat>
#include <cmath>
#include <limits>

using namespace leat;
using namespace leat::testing;

// Row 22 of the faults: NaN, infinities, -0.0, 1e400, overflow of integers, "12" for a number.

namespace {

template <class N>
struct holding {
  N n{};
  bool operator==(const holding&) const = default;
};

using of_double = holding<double>;
using of_float = holding<float>;
using of_int64 = holding<std::int64_t>;
using of_uint64 = holding<std::uint64_t>;
using of_int32 = holding<std::int32_t>;
using of_uint8 = holding<std::uint8_t>;
BOOST_DESCRIBE_STRUCT(of_double, (), (n))
BOOST_DESCRIBE_STRUCT(of_float, (), (n))
BOOST_DESCRIBE_STRUCT(of_int64, (), (n))
BOOST_DESCRIBE_STRUCT(of_uint64, (), (n))
BOOST_DESCRIBE_STRUCT(of_int32, (), (n))
BOOST_DESCRIBE_STRUCT(of_uint8, (), (n))

template <class T>
auto number(const std::string& digits) {
  return accepted<T>("{\"n\":" + digits + "}").n;
}

template <class T>
std::string reason(const std::string& value) {
  return refused<T>("{\"n\":" + value + "}");
}

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

} // namespace

TEST_CASE("a double is read as the nearest value, bit by bit") {
  for (const char* digits :
       {"0",
        "1",
        "-1",
        "0.1",
        "12.0",
        "1e0",
        "1E+2",
        "1e-2",
        "123456789012345678",
        "9007199254740993",
        "0.1000000000000000055511151231257827021181583404541015625",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "5e-324",
        "3e-324",
        "-4.9e-324",
        "1e22",
        "1e23",
        "8.41e21",
        "179769313486231570000e288",
        "0.000000000000000000000000000000000000000000000001e48",
        "100000000000000000000000000000000000000000000000e-46"}) {
    INFO(digits);
    CHECK(bits(number<of_double>(digits)) == bits(std::strtod(digits, nullptr)));
  }
}

TEST_CASE("minus zero stays minus zero") {
  for (const char* digits : {"-0", "-0.0", "-0e5", "-0.000e-400"}) {
    INFO(digits);
    CHECK(bits(number<of_double>(digits)) == bits(-0.0));
  }
  CHECK(number<of_int64>("-0") == 0);
}

TEST_CASE("a number too large for a double is refused, one too small is a zero of its sign") {
  CHECK(reason<of_double>("1e400") == "field `n`: 1e400 does not fit into float64");
  CHECK(reason<of_double>("-1e400") == "field `n`: -1e400 does not fit into float64");
  CHECK(reason<of_double>("1.7976931348623159e308") == "field `n`: 1.7976931348623159e308 does not fit into float64");
  CHECK(bits(number<of_double>("1e-400")) == bits(0.0));
  CHECK(bits(number<of_double>("-1e-400")) == bits(-0.0));
  CHECK(bits(number<of_double>("0." + std::string(500, '0') + "1")) == bits(0.0));
  CHECK(number<of_double>("0e999999999999") == 0);
  CHECK(reason<of_double>("1e99999999999999999999") == "field `n`: 1e99999999999999999999 does not fit into float64");
}

TEST_CASE("a float is rounded once, not by way of a double") {
  CHECK(number<of_float>("0.1") == 0.1F);
  CHECK(number<of_float>("1.00000005960464477540") == 1.0F + FLT_EPSILON); // as a double: a tie, which would go to 1
  CHECK(number<of_float>("1e-50") == 0.0F);
  CHECK(reason<of_float>("1e39") == "field `n`: 1e39 does not fit into float32");
}

TEST_CASE("NaN and infinities are no JSON numbers") {
  CHECK(reason<of_double>("NaN") == "field `n`: expected a number, found NaN");
  CHECK(reason<of_double>("Infinity") == "field `n`: expected a number, found Infinity");
  CHECK(reason<of_double>("-inf") == "field `n`: expected a number, found -inf");
  CHECK(reason<of_double>("nan") == "field `n`: expected a number, found nan");
}

TEST_CASE("numbers that other languages write but JSON does not have are refused") {
  for (const char* digits : {"+1",    ".5",    "1.", "01",  "-01", "00",  "-",   "1e",    "1e+", "1.e5", "0x10",
                             "1_000", "1,000", "1f", "--1", "1-",  "1 2", "12a", "1\"\"", "1{",  "1\\"}) {
    INFO(digits);
    CHECK(reason<of_double>(digits) != "");
    CHECK(reason<of_int64>(digits) != "");
  }
}

TEST_CASE("a string is no number, also when it holds one") {
  CHECK(reason<of_double>("\"12\"") == "field `n`: expected a number, found \"12\"");
  CHECK(reason<of_int64>("\"12\"") == "field `n`: expected an integer, found \"12\"");
}

TEST_CASE("an integer has no fraction and no exponent") {
  CHECK(reason<of_int64>("12.0") == "field `n`: expected an integer, found 12.0");
  CHECK(reason<of_int64>("1e2") == "field `n`: expected an integer, found 1e2");
  CHECK(reason<of_uint64>("1.5") == "field `n`: expected an integer, found 1.5");
}

TEST_CASE("integers keep every digit up to the ends of their ranges") {
  CHECK(number<of_int64>("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(number<of_int64>("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK(number<of_int64>("9007199254740993") == 9007199254740993);
  CHECK(number<of_uint64>("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  CHECK(number<of_int32>("-2147483648") == std::numeric_limits<std::int32_t>::min());
  CHECK(number<of_uint8>("255") == 255);
}

TEST_CASE("an integer that does not fit its field is refused, never wrapped") {
  CHECK(reason<of_int64>("9223372036854775808") == "field `n`: 9223372036854775808 does not fit into int64");
  CHECK(reason<of_int64>("-9223372036854775809") == "field `n`: -9223372036854775809 does not fit into int64");
  CHECK(reason<of_uint64>("18446744073709551616") == "field `n`: 18446744073709551616 does not fit into uint64");
  CHECK(reason<of_uint64>("20000000000000000000") == "field `n`: 20000000000000000000 does not fit into uint64");
  CHECK(reason<of_uint64>("30000000000000000000") == "field `n`: 30000000000000000000 does not fit into uint64");
  CHECK(reason<of_uint64>("36893488147419103232") == "field `n`: 36893488147419103232 does not fit into uint64"); // 2^65
  CHECK(reason<of_uint64>("-1") == "field `n`: -1 does not fit into uint64");
  CHECK(reason<of_int32>("2147483648") == "field `n`: 2147483648 does not fit into int32");
  CHECK(reason<of_uint8>("256") == "field `n`: 256 does not fit into uint8");
  CHECK(reason<of_uint8>("-1") == "field `n`: -1 does not fit into uint8");
}

TEST_CASE("doubles are written so that they read back bit by bit") {
  for (const double value :
       {0.0,  1.0,   0.1,     1e300, -1e300, 1e22,       1e-5,    123456.78, 99999999999.99, 9999999999999.99,
        0.01, 0.005, 1.0 / 3, 4.35,  1e13,   1e15 + 0.5, DBL_MAX, DBL_MIN,   DBL_TRUE_MIN,   2.2250738585072011e-308}) {
    INFO(value);
    const auto text = in_json(of_double{value});
    CHECK(bits(accepted<of_double>(text).n) == bits(value));
    CHECK(bits(accepted<of_double>(in_json(of_double{-value})).n) == bits(-value));
  }
}

TEST_CASE("doubles are written short") {
  CHECK(in_json(of_double{12.5}) == R"({"n":12.5})");
  CHECK(in_json(of_double{100}) == R"({"n":100})");
  CHECK(in_json(of_double{0.1}) == R"({"n":0.1})");
  CHECK(in_json(of_double{4.35}) == R"({"n":4.35})");
  CHECK(in_json(of_double{-0.05}) == R"({"n":-0.05})");
  CHECK(in_json(of_double{1e300}) == R"({"n":1e+300})");
  CHECK(in_json(of_double{-0.0}) == R"({"n":-0.0})");
  CHECK(in_json(of_float{0.1F}) == R"({"n":0.1})");
}

TEST_CASE("NaN and infinities have no form in JSON, and the refusal names the field") {
  CHECK(not_encoded(of_double{std::nan("")}) == "field `n`: JSON has no number for nan");
  CHECK(not_encoded(of_double{-HUGE_VAL}) == "field `n`: JSON has no number for -inf");
  CHECK(not_encoded(of_float{HUGE_VALF}) == "field `n`: JSON has no number for inf");
}

TEST_CASE("integers are written exactly") {
  CHECK(in_json(of_int64{std::numeric_limits<std::int64_t>::min()}) == R"({"n":-9223372036854775808})");
  CHECK(in_json(of_uint64{std::numeric_limits<std::uint64_t>::max()}) == R"({"n":18446744073709551615})");
  CHECK(in_json(of_uint8{200}) == R"({"n":200})");
}
