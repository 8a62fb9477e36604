#include "json_fixture.hpp"
#include "order.hpp"

#include <leat/tests/support/allocations.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

const char* const full_order =
  R"({"id":5,"at":9,"paid":true,"small":1,"medium":2,"large":3,"ratio":0.5,"main_color":"green",
  "note":"a note of more than sixteen bytes","ship_to":{"street":"a street of more than sixteen bytes","number":7},
  "points":[1,2,3],"items":[{"name":"an item of more than sixteen bytes","price":1.5,"paint":"green",
  "tags":["a tag of more than sixteen bytes","b"]},{"name":"x","price":2,"tags":[]}],"readings":[1,null],"matrix":[[1],[2,3]]})";

const char* const bare_order = R"({"id":0,"at":0,"paid":false,"small":0,"medium":0,"large":0,"ratio":0,"main_color":"red",
  "items":[{"name":"","price":0,"tags":[]}],"readings":[null],"matrix":[]})";

void decode_into(decoder& with, const std::vector<raw_record>& in, std::vector<order>& slots) {
  std::vector<rejection> none;
  REQUIRE(with.decode(in, slots.data(), sizeof(order), none) == in.size());
}

std::vector<raw_record> copies_of(std::string_view document, std::size_t count) {
  std::vector<raw_record> all(count);
  for (auto& record : all)
    record.payload = document;
  return all;
}

} // namespace

TEST_CASE("a stale slot is overwritten whole") {
  const auto decoder = json.make_decoder(schema_of<order>());
  std::vector<order> recycled(1), fresh(1);
  decode_into(*decoder, copies_of(full_order, 1), recycled);
  REQUIRE(recycled[0].note.has_value());
  decode_into(*decoder, copies_of(bare_order, 1), recycled);
  decode_into(*decoder, copies_of(bare_order, 1), fresh);
  CHECK(recycled == fresh);
  CHECK_FALSE(recycled[0].ship_to.has_value());
  CHECK_FALSE(recycled[0].items.at(0).paint.has_value());
}

TEST_CASE("what a refused record has left in its slot does not show in the next one") {
  const auto decoder = json.make_decoder(schema_of<order>());
  const std::string_view cut{full_order, std::string_view{full_order}.size() - 1};
  const auto all = decode_all<order>(*decoder, {cut, bare_order});
  CHECK_FALSE(all[0].record.has_value());
  CHECK(all[1] == decode_all<order>(*decoder, {bare_order})[0]);
}

TEST_CASE("decoding into recycled slots allocates nothing in steady state") {
  const auto decoder = json.make_decoder(schema_of<order>());
  const auto in = copies_of(full_order, 1000);
  std::vector<order> slots(in.size());
  std::vector<rejection> none;
  const auto decode = [&] { decoder->decode(in, slots.data(), sizeof(order), none); };
  CHECK((allocations_of(decode) > in.size()) == counts_allocations); // filling the slots takes buffers
  for (int i = 0; i < 10; ++i)
    CHECK(allocations_of(decode) == 0);
}

TEST_CASE("encoding into a recycled buffer allocates nothing in steady state") {
  std::vector<order> records(1000);
  decode_into(*json.make_decoder(schema_of<order>()), copies_of(full_order, records.size()), records);
  const auto encoder = json.make_encoder(schema_of<order>());
  encoded_records out;
  std::vector<rejection> none;
  const auto encode = [&] {
    out.clear();
    encoder->encode(records.data(), sizeof(order), records.size(), out, none);
  };
  encode();
  for (int i = 0; i < 10; ++i)
    CHECK(allocations_of(encode) == 0);
}
