#include <leat/messages/batch.hpp>

#include <catch2/catch.hpp>

#include <vector>

using namespace leat;

namespace {

/// Counts how many of it live: shows when batches are freed.
struct counted {
  counted() { ++alive; }
  counted(const counted&) { ++alive; }
  counted& operator=(const counted&) = default;
  ~counted() { --alive; }
  static inline int alive = 0;
};

} // namespace

TEST_CASE("a batch that nobody holds any more is taken again, empty") {
  const auto pool = make_pool<std::int64_t>();
  auto first = take<std::int64_t>(*pool);
  first->push(std::int64_t{1}, from_millis(1));
  const auto* address = first.get();
  first.reset();
  CHECK(pool->idle() == 1);
  const auto again = take<std::int64_t>(*pool);
  CHECK(again.get() == address);
  CHECK(again->empty());
  CHECK(pool->idle() == 0);
}

TEST_CASE("a batch comes home with its last holder, not before") {
  const auto pool = make_pool<std::int64_t>();
  auto one = take<std::int64_t>(*pool);
  auto other = one;
  one.reset();
  CHECK(pool->idle() == 0);
  other.reset();
  CHECK(pool->idle() == 1);
}

TEST_CASE("two batches that are out at once are two batches") {
  const auto pool = make_pool<std::int64_t>();
  const auto one = pool->take();
  const auto other = pool->take();
  CHECK(one != other);
}

TEST_CASE("a pool keeps no more idle batches than it was told to") {
  const auto pool = make_pool<counted>(2);
  std::vector<batch_ptr> out;
  for (int i = 0; i < 5; ++i) {
    out.push_back(pool->take());
    batch<counted>::of(*out.back()).push(counted{}, from_millis(0));
  }
  const auto per_batch = counted::alive / 5;
  out.clear();
  CHECK(pool->idle() == 2);
  CHECK(counted::alive == 2 * per_batch);
}

TEST_CASE("a pool lives as long as a batch that is out") {
  auto pool = make_pool<counted>();
  auto b = take<counted>(*pool);
  pool.reset();
  b->push(counted{}, from_millis(0));
  CHECK(counted::alive > 0);
  b.reset(); // goes back to the pool, which goes with it
  CHECK(counted::alive == 0);
}

TEST_CASE("the idle batches of a pool go with it") {
  auto pool = make_pool<counted>();
  take<counted>(*pool)->push(counted{}, from_millis(0));
  CHECK(counted::alive > 0);
  pool.reset();
  CHECK(counted::alive == 0);
}
