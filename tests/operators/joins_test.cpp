#include <leat/operators/joins/interval_join.hpp>
#include <leat/operators/joins/temporal_lookup.hpp>
#include <leat/operators/joins/window_join.hpp>
#include <leat/tests/support/steps/two_input_fixture.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

template <join_kind Kind>
auto joined_between(std::int64_t lower, std::int64_t upper) {
  return two_input_fixture{interval_join<event, event, std::int64_t, std::string, Kind, name_pair>{
    {duration{lower}, duration{upper}}, name_pair{}}};
}

template <join_kind Kind>
auto looked_up_in_time() {
  return two_input_fixture{temporal_lookup<event, event, std::int64_t, std::string, Kind, name_pair>{name_pair{}}};
}

auto grouped(duration size, lateness<either_record<event, event>> late = {}) {
  using contents = grouped_contents<event, event, std::int64_t, std::string, name_group>;
  return two_input_fixture{window_join<event, event, std::int64_t, aligned_windows, event_time_trigger, contents>{
    aligned_windows{tumbling(size)}, event_time_trigger{}, contents{name_group{}}, std::move(late)}};
}

} // namespace

TEST_CASE("an interval join emits a pair as soon as both are there, with the later of their times") {
  auto j = joined_between<join_kind::inner>(-5, 5);
  j.first({{1, 10, 100}});
  j.second({{1, 20, 95}, {1, 21, 105}, {1, 22, 94}, {1, 23, 106}, {2, 24, 100}});
  CHECK(j.said() == story{"10+20@100", "10+21@105"});
  j.first({{1, 11, 111}, {2, 12, 105}});
  CHECK(j.said() == story{"11+23@111", "12+24@105"});
}

TEST_CASE("a left interval join emits a record without partner when none can come any more") {
  auto j = joined_between<join_kind::left>(0, 10);
  j.first({{1, 1, 100}, {1, 2, 101}});
  j.second({{1, 9, 111}});
  j.watermark(109);
  CHECK(j.said() == story{"2+9@111", "watermark 109"});
  j.watermark(110);
  CHECK(j.said() == story{"1+none@110", "watermark 110"});
  j.give(signal::watermark(max_timestamp));
  CHECK(j.said() == story{"watermark +inf"});
}

TEST_CASE("what an interval join no longer needs is forgotten") {
  auto j = joined_between<join_kind::left>(-5, 5);
  j.first({{1, 1, 100}});
  j.second({{2, 1, 100}});
  j.watermark(104);
  CHECK(j.counted("state_entries") == 2);
  j.watermark(105);
  CHECK(j.counted("state_entries") == 1);
  j.watermark(110); // until then a late record of the first stream would not be alone
  CHECK(j.counted("state_entries") == 0);
  CHECK(j.counted("timers") == 0);
}

TEST_CASE("records that may still find a partner hold back commits") {
  auto j = joined_between<join_kind::inner>(0, 50);
  j.first({{1, 1, 100}});
  j.watermark(120);
  j.give(signal::barrier(1));
  CHECK(j.said() == story{"watermark 120", "barrier 1 settles at 150"});
}

TEST_CASE("a late record makes no row of the past, and is joined with what is still to come") {
  auto j = joined_between<join_kind::left>(-5, 5);
  j.watermark(100);
  j.first({{1, 1, 100}, {1, 2, 101}, {1, 3, 95}});
  j.second({{1, 8, 99}, {1, 9, 102}});
  CHECK(j.said() == story{"watermark 100", "2+8@101", "1+9@102", "2+9@102"});
  CHECK(j.counted("late_records") == 3);
}

TEST_CASE("a record whose partner came too late is not without partner") {
  auto j = joined_between<join_kind::left>(-5, 5);
  j.first({{1, 1, 100}});
  j.watermark(102);
  j.second({{1, 8, 99}});
  j.first({{1, 2, 98}});
  j.watermark(110);
  CHECK(j.said() == story{"watermark 102", "watermark 110"});
}

namespace {

/// What arrives at a random join, the watermark that comes after it included.
struct arrival {
  event what;
  bool first = false;
  std::int64_t watermark = 0;
};

struct random_join {
  std::int64_t lower = 0, upper = 0;
  std::vector<arrival> arrivals;

  explicit random_join(unsigned seed) {
    std::mt19937 random{seed};
    const auto any = [&](std::int64_t low, std::int64_t high) {
      return std::uniform_int_distribution<std::int64_t>{low, high}(random);
    };
    lower = any(-20, 10);
    upper = any(lower, 20);
    std::int64_t watermark = -1;
    for (std::int64_t i = 0; i < 80; ++i) {
      const event e{any(0, 2), i, any(0, 60) + i};
      if (any(0, 5) == 0)
        watermark = std::max(watermark, i + any(0, 20));
      arrivals.push_back({e, any(0, 1) == 0, watermark});
    }
  }

  /// What a left join makes of some of them, from a watermark on; sorted, each row with its time.
  story rows_of(std::span<const arrival> some, std::int64_t from) const {
    auto j = joined_between<join_kind::left>(lower, upper);
    j.watermark(from);
    feed(j, some, from);
    j.give(signal::watermark(max_timestamp));
    auto said = j.said();
    std::erase_if(said, [](const std::string& s) { return s.starts_with("watermark"); });
    std::sort(said.begin(), said.end());
    REQUIRE(j.counted("state_entries") == 0);
    return said;
  }

  /// When a barrier behind some of them settles.
  std::int64_t settled_behind(std::span<const arrival> some) const {
    auto j = joined_between<join_kind::left>(lower, upper);
    feed(j, some, -1);
    j.give(signal::barrier(1));
    const auto last = j.said().back();
    return std::stoll(last.substr(last.rfind(' ')));
  }

  template <class Join>
  static void feed(Join& j, std::span<const arrival> some, std::int64_t from) {
    for (const auto& a : some) {
      a.first ? j.first({a.what}) : j.second({a.what});
      j.watermark(std::max(from, a.watermark));
    }
  }
};

/// The same by plain loops over all pairs of arrivals.
story plainly_joined(const random_join& r) {
  const auto waits = [&](const arrival& a) {
    const auto first_wait = std::max<std::int64_t>(r.upper, 0);
    return a.what.time + (a.first ? first_wait : std::max<std::int64_t>(-r.lower, 0) + first_wait);
  };
  story rows;
  std::int64_t watermark = -1; // when the second of a pair arrives
  std::vector<bool> joined(r.arrivals.size(), false);
  std::vector<bool> kept(r.arrivals.size(), false);
  for (std::size_t i = 0; i < r.arrivals.size(); ++i) {
    const auto& newer = r.arrivals[i];
    for (std::size_t k = 0; k < i; ++k) {
      const auto& older = r.arrivals[k];
      const auto& f = (newer.first ? newer : older).what;
      const auto& s = (newer.first ? older : newer).what;
      if (
        newer.first == older.first || f.key != s.key || s.time < f.time + r.lower || s.time > f.time + r.upper ||
        waits(older) <= watermark)
        continue;
      joined[newer.first ? i : k] = true;
      if (const auto time = std::max(f.time, s.time); time > watermark)
        rows.push_back(name_pair{}(f, s) + '@' + std::to_string(time));
    }
    kept[i] = waits(newer) > watermark;
    watermark = newer.watermark;
  }
  for (std::size_t i = 0; i < r.arrivals.size(); ++i)
    if (const auto& a = r.arrivals[i]; a.first && kept[i] && !joined[i])
      rows.push_back(name_pair{}(a.what, nullptr) + '@' + std::to_string(waits(a)));
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// The time at the end of a row.
std::int64_t time_of(const std::string& row) { return std::stoll(row.substr(row.rfind('@') + 1)); }

} // namespace

TEST_CASE("random interval joins have the rows of all records held against all") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const random_join r{seed};
    REQUIRE(r.rows_of(r.arrivals, -1) == plainly_joined(r));
  }
}

TEST_CASE("a restart from any committed position has the rows that were still to come, and no others") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const random_join r{seed};
    const auto all = r.rows_of(r.arrivals, -1);
    for (std::size_t position = 5; position < r.arrivals.size(); position += 5) {
      const auto settled = r.settled_behind(std::span{r.arrivals}.first(position));
      auto still_to_come = all;
      std::erase_if(still_to_come, [&](const std::string& row) { return time_of(row) <= settled; });
      CAPTURE(seed, position, settled);
      REQUIRE(r.rows_of(std::span{r.arrivals}.subspan(position), settled) == still_to_come);
    }
  }
}

TEST_CASE("a lookup finds the value that was valid at the record's time, whatever came first") {
  auto j = looked_up_in_time<join_kind::left>();
  j.first({{1, 1, 100}, {1, 2, 200}, {1, 3, 50}});
  j.second({{1, 72, 150}, {1, 71, 90}, {2, 99, 0}, {1, 73, 201}});
  CHECK(j.said().empty());
  j.watermark(200);
  CHECK(j.said() == story{"3+none@50", "1+71@100", "2+72@200", "watermark 200"});
}

TEST_CASE("an inner lookup leaves out records without value") {
  auto j = looked_up_in_time<join_kind::inner>();
  j.first({{1, 1, 100}, {2, 2, 100}});
  j.second({{2, 7, 100}});
  j.watermark(100);
  CHECK(j.said() == story{"2+7@100", "watermark 100"});
}

TEST_CASE("a lookup keeps the values that can still be asked for, and a late value counts for what comes after it") {
  auto j = looked_up_in_time<join_kind::left>();
  j.second({{1, 1, 10}, {1, 2, 20}, {1, 3, 30}});
  j.watermark(25);
  j.second({{1, 9, 24}}); // late, and newer than all others up to the watermark
  j.first({{1, 5, 26}, {1, 6, 25}});
  j.watermark(40);
  CHECK(j.said() == story{"watermark 25", "5+9@26", "watermark 40"});
  CHECK(j.counted("late_records") == 1);
}

TEST_CASE("a lookup as of now takes the value that came last") {
  two_input_fixture j{latest_lookup<event, event, std::int64_t, std::string, join_kind::left, name_pair>{name_pair{}}};
  j.first({{1, 1, 100}});
  j.second({{1, 7, 500}, {1, 8, 400}});
  j.first({{1, 2, 100}, {2, 3, 100}});
  CHECK(j.said() == story{"1+none@100", "2+8@100", "3+none@100"});
}

TEST_CASE("a window join hands over what both streams have in a window") {
  auto j = grouped(10ms);
  j.first({{1, 1, 0}, {1, 2, 9}, {2, 3, 5}});
  j.second({{1, 4, 5}, {1, 5, 10}});
  j.watermark(9);
  auto said = j.said();
  std::sort(said.begin(), said.end());
  CHECK(said == story{"1 [0,10): 1 2 | 4@9", "2 [0,10): 3 |@9", "watermark 9"});
  j.watermark(19);
  CHECK(j.said() == story{"1 [10,20): | 5@19", "watermark 19"});
}

TEST_CASE("a window join with lateness emits again, and counts what is later") {
  auto j = grouped(10ms, {5ms, {}});
  j.first({{1, 1, 0}});
  j.watermark(9);
  j.second({{1, 2, 3}});
  j.watermark(14);
  j.second({{1, 3, 3}});
  CHECK(j.said() == story{"1 [0,10): 1 |@9", "watermark 9", "1 [0,10): 1 | 2@9", "watermark 14"});
  CHECK(j.counted("late_records") == 1);
}

TEST_CASE("a step with two inputs works off what the flow holds back before it takes more") {
  auto j = joined_between<join_kind::inner>(-500, 500);
  j.f.out.cork_after_each_batch();
  std::vector<event> many;
  for (std::int64_t i = 0; i < 100; ++i)
    many.push_back({1, i, i});
  j.first(many);
  j.second(many); // 10,000 pairs
  CHECK_FALSE(j.f.steps.ready());
  j.f.drain();
  CHECK(j.said().size() == 10'000);
}
