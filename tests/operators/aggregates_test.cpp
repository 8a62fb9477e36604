#include <leat/operators/aggregation.hpp>
#include <leat/tests/support/aggregate_results.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <vector>

using namespace leat;
using namespace leat::testing;

namespace {

struct sale {
  std::string item;
  std::int64_t amount = 0;
  double price = 0;
  std::int32_t pieces = 0;
  std::string shop = {};
};

template <class Aggregate>
auto result_of(const Aggregate& aggregate, const std::vector<sale>& sales) {
  return accumulated(aggregate, sales);
}

template <class Aggregate>
auto merged_result_of(const Aggregate& aggregate, const std::vector<sale>& older, const std::vector<sale>& newer) {
  return accumulated_in_halves(aggregate, older, newer);
}

const std::vector<sale> two{{"pear", 3, 0.5, 7}, {"apple", -5, 0.25, 2}};

struct summary {
  timestamp until;
  std::string shop;
  std::int64_t sales;
  double mean;
  std::string first_item;
  timestamp since;
};
BOOST_DESCRIBE_STRUCT(summary, (), (until, shop, sales, mean, first_item, since))

constexpr auto most = std::numeric_limits<std::int64_t>::max();

} // namespace

TEST_CASE("count counts") {
  CHECK(result_of(count, two) == 2);
  CHECK(merged_result_of(count, two, two) == 4);
}

TEST_CASE("sums of integers stay integers, of any width; sums of floating point are doubles") {
  CHECK(result_of(sum(&sale::amount), two) == -2);
  CHECK(result_of(sum(&sale::pieces), two) == std::int64_t{9});
  CHECK(result_of(sum(&sale::price), two) == 0.75);
  CHECK(merged_result_of(sum(&sale::amount), two, two) == -4);
  static_assert(std::is_same_v<decltype(result_of(sum(&sale::pieces), two)), std::int64_t>);
}

TEST_CASE("a sum reads a function of the record as well as a member") {
  CHECK(result_of(sum([](const sale& s) { return s.amount * 10; }), two) == -20);
}

TEST_CASE("a sum of integers may reach the ends of its range and not pass them") {
  CHECK(result_of(sum(&sale::amount), {{"", most - 1, 0, 0}, {"", 1, 0, 0}}) == most);
  CHECK_THROWS_AS(result_of(sum(&sale::amount), {{"", most, 0, 0}, {"", 1, 0, 0}}), std::overflow_error);
  CHECK_THROWS_AS(result_of(sum(&sale::amount), {{"", -most, 0, 0}, {"", -2, 0, 0}}), std::overflow_error);
  CHECK_THROWS_AS(merged_result_of(sum(&sale::amount), {{"", most, 0, 0}}, {{"", 1, 0, 0}}), std::overflow_error);
}

TEST_CASE("a sum of unsigned numbers above the range of its result is an error, not a negative number") {
  const auto of = [](std::uint64_t n) { return sum([n](const sale&) { return n; }); };
  constexpr auto limit = static_cast<std::uint64_t>(most);
  CHECK(result_of(of(limit), {two[0]}) == most);
  CHECK_THROWS_AS(result_of(of(limit + 1), {two[0]}), std::overflow_error);
  CHECK_THROWS_AS(result_of(of(std::numeric_limits<std::uint64_t>::max()), {two[0]}), std::overflow_error);
}

TEST_CASE("a sum of truth values counts the true ones") {
  CHECK(result_of(sum([](const sale& s) { return s.amount > 0; }), two) == std::int64_t{1});
}

TEST_CASE("avg is the mean, also of parts of different size") {
  CHECK(result_of(avg(&sale::amount), two) == -1.0);
  CHECK(merged_result_of(avg(&sale::amount), {{"", 1, 0, 0}}, {{"", 4, 0, 0}, {"", 7, 0, 0}}) == 4.0);
}

TEST_CASE("an average of large integers does not overflow") {
  CHECK(result_of(avg(&sale::amount), {{"", most, 0, 0}, {"", most, 0, 0}}) == static_cast<double>(most));
}

TEST_CASE("aggregates of decimals are exact, and decimals") {
  const auto priced = [](const sale& s) { return decimal{s.item}; };
  const std::vector<sale> older{{"0.10"}, {"0.20"}, {"-12.5"}};
  const std::vector<sale> newer{{"99999999999999999999999999999999.01"}, {"0.001"}};
  CHECK(to_string(result_of(sum(priced), older)) == "-12.20");
  CHECK(to_string(merged_result_of(sum(priced), older, newer)) == "99999999999999999999999999999986.811");
  CHECK(to_string(result_of(avg(priced), {{"0.10"}, {"0.20"}})) == "0.150000");
  CHECK(to_string(result_of(avg(priced), {{"1"}, {"1"}, {"0"}})) == "0.666667");
  CHECK(to_string(merged_result_of(avg(priced), {{"1.0000000"}}, {{"2"}, {"3"}})) == "2.0000000");
  CHECK(to_string(result_of(avg(priced), {{std::string(36, '8')}})) == std::string(36, '8') + ".00");
  CHECK(to_string(result_of(leat::min(priced), older)) == "-12.5");
  CHECK(to_string(merged_result_of(leat::max(priced), older, newer)) == "99999999999999999999999999999999.01");
  CHECK(to_string(merged_result_of(leat::max(priced), {{"1.0"}}, {{"1.00"}})) == "1.0");
}

TEST_CASE("a sum of decimals that has more digits than there are is an error") {
  const auto large = [](const sale& s) { return decimal{s.item}; };
  CHECK_THROWS_AS(result_of(sum(large), {{std::string(38, '9')}, {"1"}}), std::overflow_error);
}

TEST_CASE("min and max are the least and the greatest, of anything that can be compared") {
  CHECK(result_of(leat::min(&sale::amount), two) == -5);
  CHECK(result_of(leat::max(&sale::amount), two) == 3);
  CHECK(result_of(leat::min(&sale::item), two) == "apple");
  CHECK(result_of(leat::max(&sale::item), two) == "pear");
}

TEST_CASE("min and max of values on one side of zero are not zero") {
  CHECK(result_of(leat::min(&sale::amount), {{"", 4, 0, 0}}) == 4);
  CHECK(result_of(leat::max(&sale::amount), {{"", -4, 0, 0}}) == -4);
}

TEST_CASE("of equal values min and max keep the older, also when parts are merged") {
  struct by_length {
    std::string text;
    bool operator<(const by_length& other) const { return text.size() < other.text.size(); }
    bool operator>(const by_length& other) const { return other < *this; }
  };
  const auto read = [](const sale& s) { return by_length{s.item}; };
  const std::vector<sale> older{{"kiwi", 0, 0, 0}};
  const std::vector<sale> newer{{"pear", 0, 0, 0}};
  CHECK(result_of(leat::min(read), {older[0], newer[0]}).text == "kiwi");
  CHECK(merged_result_of(leat::min(read), older, newer).text == "kiwi");
  CHECK(merged_result_of(leat::max(read), older, newer).text == "kiwi");
}

TEST_CASE("an empty part changes nothing") {
  CHECK(merged_result_of(leat::min(&sale::amount), {}, two) == -5);
  CHECK(merged_result_of(leat::min(&sale::amount), two, {}) == -5);
  CHECK(merged_result_of(avg(&sale::amount), two, {}) == -1.0);
}

TEST_CASE("columns fill the members of the row in the order of its description") {
  const auto aggregation = [](auto... columns) {
    return columns_aggregation<sale, std::string, summary, decltype(columns)...>{columns...};
  }(window_end, key, count, avg(&sale::price), leat::min(&sale::item), window_start);
  decltype(aggregation)::accumulator a{};
  for (const auto& s : two)
    aggregation.add(a, s);
  summary row;
  aggregation.write(row, "corner shop", {from_millis(10), from_millis(20)}, a);
  CHECK((row.until == from_millis(20) && row.shop == "corner shop" && row.sales == 2));
  CHECK((row.mean == 0.375 && row.first_item == "apple" && row.since == from_millis(10)));
}

TEST_CASE("reduce folds the older with the newer, and merges parts in that order") {
  const auto join = [](const sale& older, const sale& newer) { return sale{older.item + "," + newer.item}; };
  const reduce_aggregation<sale, std::string, decltype(join)> aggregation{join};
  decltype(aggregation)::accumulator first, second, none;
  for (const auto* item : {"a", "b"})
    aggregation.add(first, {item});
  aggregation.add(second, {"c"});
  aggregation.merge(first, none);
  aggregation.merge(first, second);
  sale out;
  aggregation.write(out, "", {}, first);
  CHECK(out.item == "a,b,c");
}
