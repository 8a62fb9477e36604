#include <leat/operators/state/radix_heap.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

using namespace leat;

namespace {

struct numbered_time {
  timestamp when;
  std::uint64_t number = 0;
};

/// Beside the heap a plain set, which is always right.
class compared_heap {
public:
  void push(std::int64_t when) { push_numbered(when, next_number_++); }

  void push_numbered(std::int64_t when, std::uint64_t number) {
    heap_.push({from_millis(when), number});
    model_.emplace(when, number);
    check();
  }

  void pop() {
    const auto got = heap_.pop();
    REQUIRE(std::pair{to_millis(got.when), got.number} == *model_.begin());
    model_.erase(model_.begin());
    check();
  }

  void erase_every_third() {
    heap_.erase_if([](const numbered_time& e) { return e.number % 3 == 0; });
    std::erase_if(model_, [](const auto& e) { return e.second % 3 == 0; });
    check();
  }

  [[nodiscard]] bool empty() const { return model_.empty(); }

private:
  void check() const {
    REQUIRE(heap_.size() == model_.size());
    REQUIRE(heap_.empty() == model_.empty());
    REQUIRE(heap_.next() == (model_.empty() ? max_timestamp : from_millis(model_.begin()->first)));
  }

  radix_heap<numbered_time> heap_;
  std::set<std::pair<std::int64_t, std::uint64_t>> model_;
  std::uint64_t next_number_ = 0;
};

} // namespace

TEST_CASE("a radix heap gives what a set gives, whatever comes when") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    compared_heap heap;
    std::int64_t around = seed % 2 == 0 ? -40 : 1'700'000'000'000;
    for (int i = 0; i < 400; ++i) {
      const auto what = random() % 20;
      if (what < 11)
        heap.push(around + static_cast<std::int64_t>(random() % 100) - 10);
      else if (what < 18 && !heap.empty())
        heap.pop();
      else if (what == 18)
        around += static_cast<std::int64_t>(random() % 1'000);
      else if (i % 7 == 0)
        heap.erase_every_third();
    }
    while (!heap.empty())
      heap.pop();
  }
}

TEST_CASE("a radix heap takes any number of entries before the last one taken") {
  radix_heap<numbered_time> heap;
  heap.push({from_millis(1'000'000)});
  (void)heap.pop();
  for (std::int64_t i = 0; i < 300'000; ++i) // each to the front of a sorted list: minutes
    heap.push({from_millis(i), static_cast<std::uint64_t>(i)});
  for (std::int64_t i = 0; i < 300'000; ++i)
    if (to_millis(heap.pop().when) != i)
      FAIL("out of order");
}

TEST_CASE("a radix heap knows the first and the last time there is") {
  compared_heap heap;
  heap.push(to_millis(max_timestamp) - 1);
  heap.push(to_millis(min_timestamp));
  heap.push(0);
  heap.push(-1);
  while (!heap.empty())
    heap.pop();
}

TEST_CASE("a radix heap gives entries of one time in the order of their numbers, also when they came in another") {
  compared_heap heap;
  heap.push_numbered(20, 7);
  heap.push_numbered(20, 5);
  heap.push_numbered(10, 9);
  heap.pop();
  heap.push_numbered(9, 12); // before the last one taken
  heap.push_numbered(9, 11);
  heap.push_numbered(20, 13);
  while (!heap.empty())
    heap.pop();
}
