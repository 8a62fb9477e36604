#include <leat/base/error.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>
#include <leat/connectors/postgres/pg_value.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

using namespace leat;

namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes)
    text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string numeric(std::string_view digits) {
  std::string bytes;
  pg_value_writer{bytes}.numeric(decimal{digits});
  return bytes;
}

std::string back(std::string_view digits) {
  const auto bytes = numeric(digits);
  json_writer json;
  write_as_json(pg_element::numeric, pg_value_reader{bytes}.next(), json);
  return std::string{json.text()};
}

} // namespace

// What `SELECT encode(numeric_send(…), 'hex')` of PostgreSQL 15 gives, behind the length.
TEST_CASE("a decimal has the bytes of PostgreSQL's numeric") {
  CHECK(
    hex(numeric("0")) == "00000008"
                         "0000000000000000");
  CHECK(
    hex(numeric("0.00")) == "00000008"
                            "0000000000000002");
  CHECK(
    hex(numeric("1")) == "0000000a"
                         "00010000000000000001");
  CHECK(
    hex(numeric("-12.50")) == "0000000c"
                              "0002000040000002000c1388");
  CHECK(
    hex(numeric("10000")) == "0000000a"
                             "00010001000000000001");
  CHECK(
    hex(numeric("0.0001")) == "0000000a"
                              "0001ffff000000040001");
  CHECK(
    hex(numeric("12345.678")) == "0000000e"
                                 "000300010000000300010929"
                                 "1a7c");
}

TEST_CASE("a decimal comes back from PostgreSQL's numeric with all its digits") {
  for (const auto* digits :
       {"0", "0.00", "1", "-1", "12.50", "-0.001", "10000", "100000000", "0.00000001",
        "99999999999999999999999999999999999999", "-0.00000000000000000000000000000000000001", "123456789.000", "1.10"})
    CHECK(back(digits) == digits);
}

TEST_CASE("numbers are big-endian behind their length, and times count microseconds from the year 2000") {
  std::string bytes;
  pg_value_writer to{bytes};
  to.number(std::int16_t{-2});
  to.boolean(true);
  to.null();
  to.text("ab");
  to.time(from_millis(946'684'800'001));
  to.number(1.0);
  CHECK(
    hex(bytes) == "00000002fffe"
                  "0000000101"
                  "ffffffff"
                  "000000026162"
                  "0000000800000000000003e8"
                  "000000083ff0000000000000");
  pg_value_reader from{bytes};
  CHECK(pg_integer(from.next().bytes) == -2);
  CHECK(from.next().bytes == std::string_view{"\1", 1});
  CHECK(from.next().null);
  CHECK(from.next().bytes == "ab");
}

TEST_CASE("a row that is cut off is not read beyond its end") {
  pg_value_reader no_length{std::string_view{"\0\0\0", 3}};
  CHECK_THROWS_AS(no_length.next(), state_error);
  pg_value_reader no_value{std::string_view{"\0\0\0\5ab", 6}};
  CHECK_THROWS_AS(no_value.next(), state_error);
}
