#include <leat/apps/fraud_alerts/edge_counts.hpp>

#include <catch2/catch.hpp>

#include <vector>

using namespace leat;
using namespace leat::fraud;

namespace {

const auto by_second = count_edges(1s, [](timestamp t) { return t; });

edge_counts counts_of(const std::vector<std::int64_t>& millis) {
  edge_counts all;
  for (const auto t : millis)
    by_second.add(all, from_millis(t));
  return all;
}

} // namespace

TEST_CASE("the records outside the first and outside the last cell are counted") {
  const auto counts = counts_of({100, 999, 1000, 2500, 2000, 2999});
  CHECK(counts.total == 6);
  CHECK(counts.without_oldest(0) == 4);
  CHECK(counts.without_newest(2) == 3);
}

TEST_CASE("a cell without records takes nothing away") {
  const auto counts = counts_of({1000, 1500});
  CHECK(counts.without_oldest(0) == 2);
  CHECK(counts.without_newest(2) == 2);
}

TEST_CASE("edge counts of parts add up in any order of the records and of the parts") {
  const std::vector<std::int64_t> a{2500, 100, 900}, b{100, 3100}, c{3200, 3999, 50};
  const auto whole = counts_of({2500, 100, 900, 100, 3100, 3200, 3999, 50});
  for (const auto& parts : {std::vector{a, b, c}, std::vector{c, b, a}, std::vector{b, a, c}}) {
    edge_counts merged;
    for (const auto& part : parts)
      by_second.merge(merged, counts_of(part));
    CHECK(merged.total == whole.total);
    CHECK(merged.without_oldest(0) == 4);
    CHECK(merged.without_newest(3) == 5);
  }
}

TEST_CASE("cells before 1970 begin at their earlier end") {
  CHECK(cell_of(from_millis(-1), 1s) == -1);
  CHECK(cell_of(from_millis(-1000), 1s) == -1);
  CHECK(cell_of(from_millis(-1001), 1s) == -2);
  CHECK(cell_of(from_millis(0), 1s) == 0);
}
