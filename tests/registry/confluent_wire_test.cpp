#include <leat/connectors/registry/confluent_wire.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace std::string_literals;

TEST_CASE("what stands before a record is a zero byte and the id, most significant byte first") {
  CHECK(registered_prefix(0x01020304, {}) == "\0\1\2\3\4"s);
  CHECK(registered_prefix(7, {}) == "\0\0\0\0\7"s);
  CHECK(registered_prefix(0x7ffefdfc, {}) == "\0\x7f\xfe\xfd\xfc"s);
}

TEST_CASE("the first message of a schema is one zero byte, others their places with how many there are before") {
  CHECK(registered_prefix(7, {0}) == "\0\0\0\0\7\0"s);
  CHECK(registered_prefix(7, {1}) == "\0\0\0\0\7\2\2"s);
  CHECK(registered_prefix(7, {1, 0}) == "\0\0\0\0\7\4\2\0"s);
  CHECK(registered_prefix(7, {100}) == "\0\0\0\0\7\2\xc8\1"s);
}

TEST_CASE("a record is taken apart as it was put together") {
  const auto bytes = "\0\1\2\3\4payload"s;
  const auto plain = read_registered(bytes, false);
  REQUIRE(plain);
  CHECK(plain->schema == 0x01020304);
  CHECK(plain->place.empty());
  CHECK(plain->payload == "payload");
  const auto nested = std::vector{2, 0, 300};
  const auto nested_bytes = registered_prefix(0x7ffefdfc, nested) + "payload";
  const auto message = read_registered(nested_bytes, true);
  REQUIRE(message);
  CHECK(message->schema == 0x7ffefdfc);
  CHECK(place_numbers(message->place) == nested);
  CHECK(message->payload == "payload");
  CHECK(place_numbers("\0"s) == std::vector{0});
  CHECK(place_numbers("\2\0"s) == std::vector{0}); // the long form, of some clients
}

TEST_CASE("an empty payload is one: Protobuf writes a message of defaults so") {
  const auto message = "\0\0\0\0\7\0"s;
  const auto found = read_registered(message, true);
  REQUIRE(found);
  CHECK(found->payload.empty());
  CHECK(read_registered("\0\0\0\0\7"s, false));
}

TEST_CASE("bytes that are not in the format are none") {
  CHECK_FALSE(read_registered("", false));
  CHECK_FALSE(read_registered("\0\0\0\1"s, false));
  CHECK_FALSE(read_registered(R"({"id":7})", false));
  CHECK_FALSE(read_registered("\1\0\0\0\7payload"s, false));
  CHECK_FALSE(read_registered("\0\xff\xff\xff\xff"s, false));            // no registry has such an id
  CHECK_FALSE(read_registered("\0\0\0\0\7"s, true));                     // no place
  CHECK_FALSE(read_registered("\0\0\0\0\7\4\2"s, true));                 // a place that ends too early
  CHECK_FALSE(read_registered("\0\0\0\0\7\1"s, true));                   // a negative count
  CHECK_FALSE(read_registered("\0\0\0\0\7\2\1"s, true));                 // a negative place
  CHECK_FALSE(read_registered("\0\0\0\0\7\xfe\xff\xff\xff\x0f"s, true)); // longer than any
}
