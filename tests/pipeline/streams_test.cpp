#include <leat/tests/pipeline/records.hpp>
#include <leat/tests/support/bounded_run.hpp>

#include <atomic>
#include <set>

using namespace leat;
using namespace leat::testing;

namespace {

/// Each record with a number that says which of a step's actors has seen it.
struct seen {
  std::int64_t number = 0;
  int actor = 0;
};

/// Knows its actor by a counter that all copies of the function share; made in the first call.
class number_actors {
public:
  seen operator()(std::int64_t n) {
    if (actor_ < 0)
      actor_ = (*actors_)++;
    return {n, actor_};
  }

private:
  std::shared_ptr<std::atomic<int>> actors_ = std::make_shared<std::atomic<int>>(0);
  int actor_ = -1;
};

std::map<int, std::size_t> records_per_actor(const std::vector<seen>& all) {
  std::map<int, std::size_t> counts;
  for (const auto& s : all)
    ++counts[s.actor];
  return counts;
}

struct sum_row {
  std::int64_t rest = 0, numbers = 0, sum = 0;

  friend auto operator<=>(const sum_row&, const sum_row&) = default;
};
BOOST_DESCRIBE_STRUCT(sum_row, (), (rest, numbers, sum))

} // namespace

TEST_CASE("split sends each record to the first branch that it belongs to") {
  bounded_run r;
  const auto [threes, evens, rest] =
    r.source<std::int64_t>({numbers(0, 2'000)}, as_time)
      .split([](std::int64_t n) { return n % 3 == 0; }, [](std::int64_t n) { return n % 2 == 0; });
  const auto three = r.collect(threes, "threes");
  const auto even = r.collect(evens, "evens");
  const auto other = r.collect(rest, "rest");
  r.run();
  CHECK(three->all().size() == 667);
  CHECK(even->all().size() == 666);
  CHECK(other->all().size() == 667);
  CHECK(std::all_of(other->rows.begin(), other->rows.end(), [](auto n) { return n % 2 != 0 && n % 3 != 0; }));
  CHECK(std::is_sorted(even->rows.begin(), even->rows.end()));
}

TEST_CASE("what goes to a branch that nobody reads is counted") {
  bounded_run r;
  const auto branches =
    r.source<std::int64_t>({numbers(0, 1'500)}, as_time).split([](std::int64_t n) { return n < 1'000; });
  const auto small = r.collect(branches[0]);
  r.run();
  CHECK(small->all() == numbers(0, 1'000));
  CHECK(r.registry.sum("unread_records", "split-1") == 500);
}

TEST_CASE("rebalance gives every actor as much, though one partition has all") {
  bounded_run r;
  const auto rows = r.collect(r.source<std::int64_t>({numbers(0, 4'000), {}}, as_time)
                                .rebalance()
                                .map(number_actors{})
                                .named("noted")
                                .with_parallelism(4));
  r.run();
  CHECK(records_per_actor(rows->all()) == std::map<int, std::size_t>{{0, 1'000}, {1, 1'000}, {2, 1'000}, {3, 1'000}});
}

TEST_CASE("broadcast gives every actor all") {
  bounded_run r;
  const auto rows =
    r.collect(r.source<std::int64_t>({numbers(0, 1'500)}, as_time).broadcast().map(number_actors{}).with_parallelism(3));
  r.run();
  CHECK(records_per_actor(rows->all()) == std::map<int, std::size_t>{{0, 1'500}, {1, 1'500}, {2, 1'500}});
}

TEST_CASE("a step behind a merge is one step, with a name and a parallelism") {
  bounded_run r;
  const auto a = r.source<std::int64_t>({numbers(0, 1'000)}, as_time, 0ms, "a");
  const auto b = r.source<std::int64_t>({numbers(1'000, 2'000)}, as_time, 0ms, "b");
  const auto rows = r.collect(a.merge(b).map([](std::int64_t n) { return n + 1; }).named("next").with_parallelism(3));
  r.run();
  CHECK(sorted(rows) == numbers(1, 2'001));
  CHECK(r.registry.sum("stage_records_in", "next") == 2'000);
}

TEST_CASE("a merge waits for the watermarks of all its streams") {
  bounded_run r;
  const auto a = r.source<std::int64_t>({numbers(0, 3'000)}, as_time, 0ms, "a");
  const auto b = r.source<std::int64_t>({numbers(0, 3'000)}, as_time, 0ms, "b");
  const auto rows = r.collect(a.merge(b)
                                .key_by([](std::int64_t n) { return n % 2; })
                                .window(tumbling(1s))
                                .aggregate<sum_row>(key, count, sum([](std::int64_t n) { return n; })));
  r.run();
  CHECK(rows->all().size() == 6);
  CHECK(std::all_of(rows->rows.begin(), rows->rows.end(), [](const sum_row& s) { return s.numbers == 1'000; }));
}

TEST_CASE("a map of a keyed stream sends all records of a key to one actor, in their order") {
  bounded_run r;
  const auto rows = r.collect(r.source<std::int64_t>({numbers(0, 3'000)}, as_time)
                                .key_by([](std::int64_t n) { return n % 5; })
                                .map(number_actors{})
                                .named("noted")
                                .with_parallelism(3));
  r.run();
  std::map<std::int64_t, std::set<int>> actors_of;
  std::map<std::int64_t, std::int64_t> last;
  for (const auto& s : rows->all()) {
    actors_of[s.number % 5].insert(s.actor);
    CHECK(std::exchange(last[s.number % 5], s.number) <= s.number);
  }
  CHECK(rows->all().size() == 3'000);
  CHECK(actors_of.size() == 5);
  CHECK(std::all_of(actors_of.begin(), actors_of.end(), [](const auto& a) { return a.second.size() == 1; }));
  CHECK(records_per_actor(rows->all()).size() > 1);
}

TEST_CASE("a keyed stream can be filtered, flat-mapped and written as in Flink, and is keyed anew behind that") {
  bounded_run r;
  const auto keyed = r.source<std::int64_t>({{1, 2, 3, 4}}, as_time).key_by([](std::int64_t n) { return n % 2; });
  const auto odd = r.collect(keyed.filter([](std::int64_t n) { return n % 2 == 1; }), "odd");
  const auto twice = r.collect(
    keyed.flat_map<std::int64_t>([](std::int64_t n, auto& out) { out.push(n), out.push(n); })
      .key_by([](std::int64_t n) { return n % 2; })
      .aggregate<sum_row>(key, count, sum([](std::int64_t n) { return n; })),
    "twice");
  const auto as_it_is = std::make_shared<memory_rows<std::int64_t>>();
  keyed.sink(to_memory<std::int64_t>{as_it_is, "as-it-is"});
  r.run();
  CHECK(sorted(odd) == std::vector<std::int64_t>{1, 3});
  CHECK(sorted(twice).back() == sum_row{1, 4, 8});
  CHECK(sorted(as_it_is) == numbers(1, 5));
}

TEST_CASE("a running aggregate emits with every record of its key") {
  bounded_run r;
  const auto rows = r.collect(r.source<std::int64_t>({{1, 2, 3, 4}}, as_time)
                                .key_by([](std::int64_t n) { return n % 2; })
                                .aggregate<sum_row>(key, count, sum([](std::int64_t n) { return n; })));
  r.run();
  CHECK(sorted(rows) == std::vector<sum_row>{{0, 1, 2}, {0, 2, 6}, {1, 1, 1}, {1, 2, 4}});
}

TEST_CASE("a running reduce emits what the key's records have come to") {
  bounded_run r;
  const auto rows = r.collect(r.source<std::int64_t>({{1, 2, 3, 4}}, as_time)
                                .key_by([](std::int64_t n) { return n % 2; })
                                .reduce([](std::int64_t a, std::int64_t b) { return a * 10 + b; }));
  r.run();
  CHECK(sorted(rows) == std::vector<std::int64_t>{1, 2, 13, 24});
}

TEST_CASE("a sink has a name and a parallelism") {
  bounded_run r;
  const auto rows = std::make_shared<memory_rows<std::int64_t>>();
  r.source<std::int64_t>({numbers(0, 1'000)}, as_time)
    .rebalance()
    .sink(to_memory<std::int64_t>{rows})
    .named("out")
    .with_parallelism(3);
  r.run();
  CHECK(rows->wakers.size() == 3);
  CHECK(sorted(rows) == numbers(0, 1'000));
  CHECK(r.registry.sum("stage_records_in", "out") == 1'000);
}

TEST_CASE("two steps of one uid are refused, and a step without one has its name's") {
  const auto plan_with = [](const std::string& name, const std::string& first, const std::string& second) {
    bounded_run r;
    const auto all = r.source<std::int64_t>({{}}, as_time);
    auto one = all.filter([](std::int64_t) { return true; }).named(name);
    r.collect(first.empty() ? one : one.uid(first), "rows-1");
    r.collect(all.filter([](std::int64_t) { return true; }).named("two").uid(second), "rows-2");
    return r.description().plan();
  };
  validate(plan_with("one", "a", "b"));
  CHECK_THROWS_WITH(
    validate(plan_with("one", "a", "a")), Catch::Contains("'one' and 'two'") && Catch::Contains("one uid, 'a'"));
  CHECK_THROWS_WITH(validate(plan_with("a", "", "a")), Catch::Contains("one uid, 'a'"));
}

TEST_CASE("a stream that is dealt out cannot be merged: the dealing would be lost") {
  bounded_run r;
  const auto all = r.source<std::int64_t>({{}}, as_time);
  r.collect(all.merge(all.rebalance()));
  CHECK_THROWS_WITH(
    validate(r.description().plan()),
    Catch::Contains(".partition_custom(…)") && Catch::Contains("right before the step that they are for"));
}
