#include <leat/tests/support/stream_text.hpp>

#include <catch2/catch.hpp>

#include <stdexcept>
#include <vector>

using namespace leat;
using namespace leat::testing;

namespace {

story told(batch<std::string>& b) {
  story all;
  tell<std::string>(all, b);
  return all;
}

boost::intrusive_ptr<batch<std::string>> three() { return batch_of<std::string>({{"a", 1}, {"b", 2}, {"c", 3}}); }

} // namespace

TEST_CASE("records are pushed with their event time and key hash") {
  auto b = batch<std::string>::fresh();
  b->push("a", from_millis(1), 11);
  b->push("b", from_millis(2), 22);
  CHECK(told(*b) == story{"a@1", "b@2"});
  CHECK(b->key_hashes()[0] == 11);
  CHECK(b->key_hashes()[1] == 22);
}

TEST_CASE("a batch weighs what its records weigh, strings included") {
  auto b = batch<std::string>::fresh();
  b->push(std::string(100, 'x'), from_millis(1));
  b->push("", from_millis(1));
  CHECK(b->bytes() == 2 * sizeof(std::string) + 100);
  b->clear();
  CHECK(b->bytes() == 0);
}

TEST_CASE("a cleared batch keeps its slots, so that a string written over a longer one allocates nothing") {
  auto b = batch<std::string>::fresh();
  b->push(std::string(100, 'x'), from_millis(1));
  const auto* buffer = b->records()[0].data();
  b->clear();
  const std::string shorter(90, 'y');
  b->push(shorter, from_millis(2));
  CHECK(told(*b) == story{shorter + "@2"});
  CHECK(b->records()[0].data() == buffer);
}

TEST_CASE("filling a slot in place sees the stale record, and what throws appends nothing") {
  auto b = three();
  b->clear();
  std::string stale;
  b->push_with(from_millis(7), [&](std::string& slot) {
    stale = slot;
    slot = "new";
  });
  CHECK(stale == "a");
  CHECK_THROWS(b->push_with(from_millis(8), [](std::string&) { throw std::runtime_error{"unreadable"}; }));
  CHECK(told(*b) == story{"new@7"});
}

TEST_CASE("reserved slots join the batch when they are committed, and no sooner") {
  auto b = three();
  auto* slots = static_cast<std::string*>(b->reserve(2));
  slots[0] = "d";
  slots[1] = "never committed";
  CHECK(b->size() == 3);
  b->commit(1, 40);
  b->timestamps()[3] = from_millis(4);
  CHECK(told(*b) == story{"a@1", "b@2", "c@3", "d@4"});
  CHECK(b->bytes() == 3 * (sizeof(std::string) + 1) + 40);
}

TEST_CASE("a schema finds a record by the batch's data and stride") {
  auto b = three();
  const auto* second = static_cast<const char*>(b->data()) + b->stride();
  CHECK(*reinterpret_cast<const std::string*>(second) == "b");
}

TEST_CASE("retained records keep their order, times, hashes and weight") {
  auto b = batch<std::string>::fresh();
  for (int i = 0; i < 5; ++i)
    b->push(std::string(static_cast<std::size_t>(i), 'x'), from_millis(i), static_cast<std::uint64_t>(i));
  const bool keep[] = {false, true, false, false, true};
  b->retain(keep);
  CHECK(told(*b) == story{"x@1", "xxxx@4"});
  CHECK(b->key_hashes()[1] == 4);
  CHECK(b->bytes() == 2 * sizeof(std::string) + 1 + 4);
}

TEST_CASE("the slots that retaining leaves behind keep their buffers for the next records") {
  const std::vector<int> record(100, 7);
  auto b = batch<std::vector<int>>::fresh();
  for (int i = 0; i < 3; ++i)
    b->push(record, from_millis(i));
  const bool keep[] = {false, true, true};
  b->retain(keep);
  REQUIRE(b->size() == 2);
  CHECK(static_cast<std::vector<int>*>(b->reserve(1))->capacity() >= record.size());
}

TEST_CASE("retaining nothing empties a batch") {
  auto b = three();
  const bool keep[] = {false, false, false};
  b->retain(keep);
  CHECK(b->empty());
  CHECK(b->bytes() == 0);
}

TEST_CASE("a batch is full at its bound of records") {
  auto b = batch<std::int64_t>::fresh();
  for (std::size_t i = 1; i < max_batch_records; ++i)
    b->push(std::int64_t{1}, from_millis(0));
  CHECK_FALSE(b->full());
  b->push(std::int64_t{1}, from_millis(0));
  CHECK(b->full());
}

TEST_CASE("a batch is full at its bound of bytes, and one larger record travels alone") {
  auto b = batch<std::string>::fresh();
  b->push(std::string(max_batch_bytes - 2 * sizeof(std::string) - 1, 'x'), from_millis(0));
  CHECK_FALSE(b->full());
  b->push("y", from_millis(0));
  CHECK(b->full());
  auto alone = batch_of<std::string>({{std::string(4 * max_batch_bytes, 'x'), 0}});
  CHECK(alone->full());
}

TEST_CASE("only the one holder of a batch may change it") {
  auto mine = three();
  CHECK(mine->unique());
  {
    const batch_ptr others = mine;
    CHECK_FALSE(mine->unique());
  }
  CHECK(mine->unique());
}

TEST_CASE("a batch knows its record type") {
  CHECK(three()->record_type() == batch<std::string>::fresh()->record_type());
  CHECK(three()->record_type() != batch<std::int64_t>::fresh()->record_type());
}
