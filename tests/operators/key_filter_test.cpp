#include <leat/operators/state/key_filter.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace leat;

TEST_CASE("a filter of keys holds every key that was added, and hardly another") {
  std::mt19937_64 random{1};
  key_filter filter;
  CHECK(filter.empty());
  CHECK_FALSE(filter.may_hold(random()));
  constexpr int count = 300'000;
  for (int i = 0; i < count; ++i)
    filter.add(random());
  CHECK_FALSE(filter.empty());
  random.seed(1);
  (void)random();
  int held = 0;
  for (int i = 0; i < count; ++i)
    held += filter.may_hold(random()) ? 1 : 0;
  CHECK(held == count);
  int others = 0;
  for (int i = 0; i < count; ++i)
    others += filter.may_hold(random()) ? 1 : 0;
  CHECK(others < count / 100);
}

TEST_CASE("hashes that are alike in their upper or lower bits are told apart") {
  for (const int shift : {0, 16, 40}) {
    key_filter filter;
    for (std::uint64_t i = 0; i < 10'000; ++i)
      filter.add(i << shift);
    int others = 0;
    for (std::uint64_t i = 10'000; i < 20'000; ++i)
      others += filter.may_hold(i << shift) ? 1 : 0;
    CHECK(others < 300);
  }
}
