#include <leat/operators/filter.hpp>
#include <leat/operators/process.hpp>
#include <leat/tests/support/step_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using number = std::int64_t;

/// n becomes n records: n000, n001, …
auto repeat_each() {
  return making<process_step, number, number>([](number n, collector<number>& out) {
    for (number i = 0; i < n; ++i)
      out.push(n * 1000 + i);
  });
}

/// What `repeat_each` makes of `n` at time `n`.
void expect_repeats(story& told, number n) {
  for (number i = 0; i < n; ++i)
    told.push_back(std::to_string(n * 1000 + i) + '@' + std::to_string(n));
}

constexpr auto batch_size = static_cast<number>(max_batch_records);

} // namespace

TEST_CASE("a flat map makes any number of records of one, with its event time") {
  step_fixture<number> f;
  f.add("repeat", repeat_each());
  f.give(batch_of<number>({{2, 10}, {0, 20}, {1, 30}}));
  CHECK(f.out.told == story{"2000@10", "2001@10", "1000@30"});
  CHECK(f.out.sizes == std::vector<std::size_t>{3});
}

TEST_CASE("a flat map reads a shared batch and leaves it alone") {
  step_fixture<number> f;
  f.add("repeat", repeat_each());
  const auto shared = batch_of<number>({{1, 10}});
  f.give(shared);
  CHECK(f.out.told == story{"1000@10"});
  CHECK(shared->records()[0] == 1);
}

TEST_CASE("a flat map fills its batches to the bound") {
  step_fixture<number> f;
  f.add("repeat", repeat_each());
  f.give(batch_of<number>({{3 * batch_size + 1, 10}}));
  CHECK(f.out.sizes == std::vector<std::size_t>{max_batch_records, max_batch_records, max_batch_records, 1});
}

TEST_CASE("a flat map parks while its output is blocked, and goes on in order") {
  step_fixture<number> f;
  f.add("repeat", repeat_each());
  f.out.cork_after_each_batch();
  story expected;
  std::vector<std::pair<number, std::int64_t>> records;
  for (const number n : {batch_size, number{3}, 2 * batch_size, number{5}, batch_size + 7}) {
    records.emplace_back(n, n);
    expect_repeats(expected, n);
  }
  f.give(batch_of<number>(records));
  CHECK(f.out.sizes.size() == 1);
  CHECK_FALSE(f.steps.ready());
  f.drain();
  CHECK(f.out.told == expected);
}

TEST_CASE("a parked flat map calls the function for no further record") {
  int calls = 0;
  step_fixture<number> f;
  f.add("many", making<process_step, number, number>([&calls](number, collector<number>& out) {
          ++calls;
          for (number i = 0; i < 2 * batch_size; ++i)
            out.push(i);
        }));
  f.out.cork_after_each_batch();
  f.give(batch_of<number>({{1, 1}, {2, 2}, {3, 3}}));
  CHECK(calls == 1);
  CHECK_FALSE(f.uncork()); // what the first record has led to goes first
  CHECK(calls == 1);
  CHECK_FALSE(f.uncork());
  CHECK(calls == 2);
  CHECK_FALSE(f.uncork());
  CHECK(calls == 2);
}

TEST_CASE("two flat maps, one behind the other, park and go on without loss or repetition") {
  step_fixture<number> f;
  f.add("outer", repeat_each());
  f.add("inner", making<process_step, number, number>([](number n, collector<number>& out) {
          out.push(n);
          out.push(-n);
        }));
  f.out.cork_after_each_batch();
  f.give(batch_of<number>({{1500, 1500}, {700, 700}}));
  f.drain();
  story expected;
  for (const number n : {number{1500}, number{700}})
    for (number i = 0; i < n; ++i)
      for (const auto sign : {"", "-"})
        expected.push_back(sign + std::to_string(n * 1000 + i) + '@' + std::to_string(n));
  CHECK(f.out.told == expected);
}

TEST_CASE("a flat map's exception names its step") {
  step_fixture<number> f;
  f.add("explode", making<process_step, number, number>([](number, collector<number>&) {
          throw std::out_of_range{"no such word"};
        }));
  CHECK_THROWS_WITH(f.give(batch_of<number>({{1, 1}})), "step 'explode' failed: no such word");
}
