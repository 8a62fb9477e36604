#include <leat/operators/aggregates/count_distinct.hpp>
#include <leat/operators/aggregates/picked_record.hpp>
#include <leat/operators/aggregates/quantile.hpp>
#include <leat/operators/aggregates/top.hpp>
#include <leat/tests/support/aggregate_results.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace leat;
using namespace leat::testing;

namespace {

struct bid {
  std::string bidder;
  std::int64_t cents = 0;
};

const std::vector<bid> older{{"ann", 300}, {"bob", 500}, {"cid", 300}};
const std::vector<bid> newer{{"bob", 500}, {"dan", 100}, {"eve", 400}};
const std::vector<bid> none;

template <class Aggregate>
auto result_of_bids(const Aggregate& aggregate, const std::vector<bid>& bids) {
  return accumulated(aggregate, bids);
}

template <class Aggregate>
auto merged_result_of_bids(const Aggregate& aggregate, const std::vector<bid>& first, const std::vector<bid>& second) {
  return accumulated_in_halves(aggregate, first, second);
}

/// The value of `numbers` below which a share `q` lies.
double exact_quantile(std::vector<double> numbers, double q) {
  std::sort(numbers.begin(), numbers.end());
  return numbers[static_cast<std::size_t>(q * static_cast<double>(numbers.size() - 1))];
}

} // namespace

TEST_CASE("count_distinct counts a value once") {
  CHECK(result_of_bids(count_distinct(&bid::bidder), older) == 3);
  CHECK(merged_result_of_bids(count_distinct(&bid::bidder), older, newer) == 5);
  CHECK(merged_result_of_bids(count_distinct(&bid::cents), older, newer) == 4);
}

TEST_CASE("min_by and max_by pick of the record, the older one of equals") {
  CHECK(result_of_bids(max_by(&bid::cents, &bid::bidder), older) == "bob");
  CHECK(result_of_bids(min_by(&bid::cents, &bid::bidder), older) == "ann");
  CHECK(merged_result_of_bids(min_by(&bid::cents, &bid::bidder), older, newer) == "dan");
  CHECK(merged_result_of_bids(max_by(&bid::cents), older, newer).bidder == "bob");
  CHECK(merged_result_of_bids(max_by(&bid::cents, &bid::bidder), older, none) == "bob");
  CHECK(merged_result_of_bids(max_by(&bid::cents, &bid::bidder), {{"ann", 5}}, {{"bob", 5}}) == "ann");
}

TEST_CASE("first and last pick by the order in which records came") {
  CHECK(merged_result_of_bids(first(&bid::bidder), older, newer) == "ann");
  CHECK(merged_result_of_bids(last(&bid::bidder), older, newer) == "eve");
  CHECK(merged_result_of_bids(first(&bid::bidder), none, newer) == "bob");
  CHECK(merged_result_of_bids(last(), older, none).bidder == "cid");
}

TEST_CASE("top keeps the greatest, the older of equals first") {
  const auto three = top(3, &bid::cents, &bid::bidder);
  CHECK(result_of_bids(three, older) == std::vector<std::string>{"bob", "ann", "cid"});
  CHECK(merged_result_of_bids(three, older, newer) == std::vector<std::string>{"bob", "bob", "eve"});
  CHECK(merged_result_of_bids(top(2, &bid::cents), {{"ann", 1}}, {{"bob", 1}, {"cid", 1}})[1].bidder == "bob");
  CHECK(result_of_bids(top(9, &bid::cents), older).size() == 3);
  CHECK(result_of_bids(top(0, &bid::cents), older).empty());
}

TEST_CASE("top of random records is the head of all of them sorted") {
  std::mt19937 random{1};
  std::vector<bid> all;
  for (int i = 0; i < 2'000; ++i)
    all.push_back({std::to_string(i), static_cast<std::int64_t>(random() % 300)});
  const std::vector<bid> half{all.begin(), all.begin() + 1'000};
  const auto best = merged_result_of_bids(top(50, &bid::cents), half, {all.begin() + 1'000, all.end()});
  std::stable_sort(all.begin(), all.end(), [](const bid& a, const bid& b) { return a.cents > b.cents; });
  for (std::size_t i = 0; i < 50; ++i)
    CHECK(best[i].bidder == all[i].bidder);
}

TEST_CASE("a quantile is right to within one percent, for small and large numbers of both signs") {
  std::mt19937 random{2};
  std::lognormal_distribution<double> spread{0, 6};
  std::vector<double> numbers;
  for (int i = 0; i < 20'000; ++i)
    numbers.push_back((i % 3 == 0 ? -1 : 1) * spread(random));
  quantile_sketch a;
  quantile_sketch b;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    (i % 2 == 0 ? a : b).add(numbers[i]);
  a.merge(b);
  for (const auto q : {0.0, 0.01, 0.2, 0.33, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    CAPTURE(q);
    const auto exact = exact_quantile(numbers, q);
    CHECK(std::abs(a.quantile(q) - exact) <= quantile_sketch::accuracy * std::abs(exact) * 1.000001);
  }
}

TEST_CASE("a quantile knows zero and ignores what is no number") {
  quantile_sketch s;
  CHECK(std::isnan(s.quantile(0.5)));
  for (const auto x : {0.0, -0.0, 1e-12, std::nan(""), std::numeric_limits<double>::infinity()})
    s.add(x);
  CHECK(s.count() == 3);
  CHECK(s.quantile(0.5) == 0);
}

TEST_CASE("quantile reads a number of the record") {
  CHECK(result_of_bids(quantile(0.5, &bid::cents), older) == Approx(300).epsilon(0.01));
  CHECK(merged_result_of_bids(quantile(1.0, &bid::cents), older, newer) == Approx(500).epsilon(0.01));
}
