#include <leat/operators/joins/time_buffer.hpp>

#include <leat/base/encoded/encoded_text.hpp>
#include <leat/base/encoded/encoded_type_of.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <vector>

using namespace leat;

namespace {

struct entry {
  timestamp time;
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(entry, (), (time, number))

std::vector<int> numbers(std::span<const entry> entries) {
  std::vector<int> all;
  for (const auto& e : entries)
    all.push_back(e.number);
  return all;
}

} // namespace

TEST_CASE("a time buffer is in the order of times, those of one time in the order in which they came") {
  time_buffer<entry> b;
  b.add({from_millis(20), 1});
  b.add({from_millis(10), 2});
  b.add({from_millis(20), 3});
  b.add({from_millis(10), 4});
  CHECK(numbers(b.all()) == std::vector{2, 4, 1, 3});
  CHECK(numbers(b.between(from_millis(11), from_millis(20))) == std::vector{1, 3});
  CHECK(b.between(from_millis(11), from_millis(19)).empty());
  CHECK(b.last_until(from_millis(19))->number == 4);
  CHECK(b.last_until(from_millis(9)) == nullptr);
}

TEST_CASE("a time buffer is printed as the list of what it holds") {
  time_buffer<entry> b;
  for (int i = 1; i <= 4; ++i)
    b.add({from_millis(i), i});
  b.drop_until(from_millis(1));
  const std::string text = "[{time: 1970-01-01T00:00:00.002Z, number: 2}, {time: 1970-01-01T00:00:00.003Z, number: 3}, "
                           "{time: 1970-01-01T00:00:00.004Z, number: 4}]";
  CHECK(value_text(&encoded_type_of<time_buffer<entry>>(), encoded(b)) == text);
}

TEST_CASE("a time buffer that is asked at random answers as a sorted list does") {
  std::mt19937 random{7};
  const auto any_time = [&] { return from_millis(std::uniform_int_distribution<std::int64_t>{0, 50}(random)); };
  time_buffer<entry> b;
  std::vector<entry> list;
  for (int i = 0; i < 5'000; ++i) {
    const entry e{any_time(), i};
    b.add(e);
    list.insert(
      std::upper_bound(list.begin(), list.end(), e, [](const entry& l, const entry& r) { return l.time < r.time; }), e);
    const auto until = any_time();
    if (random() % 8 == 0) {
      b.drop_until(until);
      std::erase_if(list, [&](const entry& l) { return l.time <= until; });
    } else if (random() % 8 == 0) {
      b.keep_last_until(until);
      const auto older = std::count_if(list.begin(), list.end(), [&](const entry& l) { return l.time <= until; });
      list.erase(list.begin(), list.begin() + std::max<std::ptrdiff_t>(0, older - 1));
    }
    REQUIRE(numbers(b.all()) == numbers(list));
    REQUIRE(b.empty() == list.empty());
  }
}
