#include "json_fixture.hpp"

#include <leat/connectors/formats/raw.hpp>

#include <catch2/catch.hpp>

#include <boost/describe.hpp>

using namespace leat;
using namespace leat::testing;
using namespace std::string_literals;
using Catch::Matchers::Contains;

namespace {

struct raw_message {
  std::string body;
  bool operator==(const raw_message&) const = default;
};
BOOST_DESCRIBE_STRUCT(raw_message, (), (body))

struct pair_of_texts {
  std::string first, second;
};
BOOST_DESCRIBE_STRUCT(pair_of_texts, (), (first, second))

struct lonely_number {
  std::int64_t n = 0;
};
BOOST_DESCRIBE_STRUCT(lonely_number, (), (n))

/// The bytes of each; "refused: …" where there are none.
std::vector<std::string> raw_written(const raw_format& with, const std::vector<raw_message>& records) {
  encoded_records out;
  std::vector<rejection> rejected;
  with.make_encoder(schema_of<raw_message>())->encode(records.data(), sizeof(raw_message), records.size(), out, rejected);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < out.size(); ++i)
    all.emplace_back(out[i]);
  for (const auto& r : rejected)
    all[r.index] = "refused: " + r.reason;
  return all;
}

} // namespace

TEST_CASE("raw bytes go there and back as they are, whatever they are") {
  const auto odd = "\0\xff line\nbreak"s;
  CHECK(raw_written(raw, {{"plain"}, {""}, {odd}}) == std::vector<std::string>{"plain", "", odd});
  const auto with = raw.make_decoder(schema_of<raw_message>());
  const auto read = decode_all<raw_message>(*with, {"plain", "", odd});
  REQUIRE(read.size() == 3);
  CHECK(read[0].record == raw_message{"plain"});
  CHECK(read[1].record == raw_message{""});
  CHECK(read[2].record == raw_message{odd});
}

TEST_CASE("a null value is no record, and those after it keep their places") {
  std::vector<raw_record> in(2);
  in[1].payload = "later";
  std::vector<raw_message> slots(2);
  std::vector<rejection> rejected;
  CHECK(raw.make_decoder(schema_of<raw_message>())->decode(in, slots.data(), sizeof(raw_message), rejected) == 1);
  CHECK(slots[0].body == "later");
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].index == 0);
}

TEST_CASE("lines of raw text refuse what would become two lines") {
  CHECK(
    raw_written(raw_lines, {{"one"}, {"two\nthree"}, {"four\r"}, {"five"}}) ==
    std::vector<std::string>{
      "one", "refused: field `body`: has a line break in it", "refused: field `body`: has a line break in it", "five"});
  CHECK(raw_lines.header(schema_of<raw_message>()).empty());
  CHECK_THROWS_WITH(raw.header(schema_of<raw_message>()), Contains("raw_lines"));
}

TEST_CASE("records that are not one string have no raw form") {
  CHECK_THROWS_WITH(raw.make_decoder(schema_of<pair_of_texts>()), Contains("pair_of_texts") && Contains("one std::string"));
  CHECK_THROWS_WITH(raw.make_encoder(schema_of<lonely_number>()), Contains("lonely_number"));
}
