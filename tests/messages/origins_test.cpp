#include <leat/messages/batch.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace leat;

namespace {

using raw_ptr = boost::intrusive_ptr<raw_records>;

/// One read of records with these payloads, at offsets from 100 on.
raw_ptr read_of(const std::vector<std::string>& payloads) {
  raw_ptr raw{new raw_records{{"orders", 3}}};
  for (std::size_t i = 0; i < payloads.size(); ++i)
    raw->add(static_cast<std::int64_t>(100 + i), from_millis(7), std::nullopt, payloads[i]);
  return raw;
}

std::string payload_of(const origin& o) {
  if (!o)
    return "unknown";
  dead_letter letter;
  o.in->describe(o.index, letter);
  return letter.payload.value_or("null");
}

/// A batch of the numbers of `raw`'s records, each with its origin.
boost::intrusive_ptr<batch<int>> numbers(const raw_ptr& raw, std::uint32_t count) {
  auto made = batch<int>::fresh();
  for (std::uint32_t i = 0; i < count; ++i) {
    made->push(static_cast<int>(i), from_millis(0));
    made->set_origin(i, {raw.get(), i});
  }
  return made;
}

} // namespace

TEST_CASE("a raw record describes itself to a letter, null and empty apart") {
  raw_records raw{{"orders", 3}};
  raw.add(5, from_millis(7), "key", "payload");
  raw.add(6, from_millis(8), std::nullopt, "");
  raw.add(7, from_millis(9), "", std::nullopt);
  dead_letter letter;
  raw.describe(0, letter);
  CHECK(letter.topic == "orders");
  CHECK(letter.partition == 3);
  CHECK(letter.offset == 5);
  CHECK(letter.time == from_millis(7));
  CHECK(letter.key == "key");
  CHECK(letter.payload == "payload");
  raw.describe(1, letter);
  CHECK(letter.key == std::nullopt);
  CHECK(letter.payload == "");
  raw.describe(2, letter);
  CHECK(letter.key == "");
  CHECK(letter.payload == std::nullopt);
}

TEST_CASE("a batch that is thinned out keeps the origins of what is left") {
  const auto raw = read_of({"a", "b", "c", "d"});
  const auto b = numbers(raw, 4);
  b->retain_if([](int n) { return n % 2 == 1; });
  CHECK(payload_of(b->origin(0)) == "b");
  CHECK(payload_of(b->origin(1)) == "d");
  b->push(9, from_millis(0));
  CHECK(payload_of(b->origin(2)) == "unknown");
}

TEST_CASE("records of which nothing is known may stand between others") {
  const auto raw = read_of({"a", "b"});
  const auto b = batch<int>::fresh();
  b->push(0, from_millis(0));
  CHECK(!b->has_origins());
  b->push(1, from_millis(0));
  b->set_origin(1, {raw.get(), 1});
  b->push(2, from_millis(0));
  CHECK(b->has_origins());
  CHECK(payload_of(b->origin(0)) == "unknown");
  CHECK(payload_of(b->origin(1)) == "b");
  CHECK(payload_of(b->origin(2)) == "unknown");
  b->retain_if([](int n) { return n != 0; });
  CHECK(payload_of(b->origin(0)) == "b");
  CHECK(payload_of(b->origin(1)) == "unknown");
}

TEST_CASE("a batch keeps the raw records that its origins are in, until it is cleared or forgets them") {
  const auto raw = read_of({"a", "b"});
  const auto b = numbers(raw, 2);
  CHECK(raw->use_count() == 2); // once, not for each record
  b->forget_origins();
  CHECK(raw->use_count() == 1);
  CHECK(b->size() == 2);
  CHECK(!b->has_origins());

  auto pool = make_pool<int>();
  auto pooled = take<int>(*pool);
  pooled->push(1, from_millis(0));
  pooled->set_origin(0, {raw.get(), 0});
  CHECK(raw->use_count() == 2);
  pooled.reset();
  CHECK(pool->idle() == 1);
  CHECK(raw->use_count() == 1);
}

TEST_CASE("a batch that keeps the records of many reads is full") {
  const auto b = batch<int>::fresh();
  for (std::size_t i = 0; i < max_origin_reads; ++i) {
    CHECK(!b->full());
    const auto raw = read_of({"a"});
    b->push(1, from_millis(0));
    b->set_origin(i, {raw.get(), 0});
  }
  CHECK(b->full());
}
