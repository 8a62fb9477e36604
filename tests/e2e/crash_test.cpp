#include "crash_loop.hpp"
#include "difference.hpp"
#include "pipes.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace leat::testing;

// Rows 1-7 of the faults, as far as at-least-once goes: after any number of crashes every row is there, some of them more
// than once, and none is wrong: a window that was open during a crash comes whole.

namespace {

/// sliding-totals with its second output topic.
class sliding_run : public pipes {
public:
  explicit sliding_run(int partitions = 4) : pipes{sliding_totals, partitions} {
    leat::kafka_admin{brokers()}.create_topic({large_, 1, -1, {}});
    settings.insert(settings.end(), {"--large", large_});
  }

  /// The ids of the payments in the second topic, each once, sorted.
  [[nodiscard]] std::vector<std::string> large_rows() const {
    std::set<std::string> ids;
    for (const auto& record : leat::read_topic(brokers(), large_)) {
      const auto& json = record.payload.value();
      const auto begin = json.find(":\"") + 2;
      ids.insert(json.substr(begin, json.find('"', begin) - begin));
    }
    return {ids.begin(), ids.end()};
  }

private:
  const std::string large_ = fresh_topic("large");
};

std::vector<std::string> expected_large(const std::vector<payment>& payments) {
  std::set<std::string> ids;
  for (const auto& p : payments)
    if (p.amount > 900)
      ids.insert(p.id);
  return {ids.begin(), ids.end()};
}

} // namespace

TEST_CASE("a job that is killed again and again loses no row and writes no wrong one") {
  const auto seed = GENERATE(1, 2);
  INFO("seed " << seed);
  const auto payments = make_payments({.seed = 21, .count = 60'000, .step = 60});
  pipes run{windowed_totals};
  const auto last = crash_loop{run, static_cast<std::uint64_t>(seed), 8, 700}.run(payments, 10'000);
  CHECK(difference(distinct(run.rows()), expected_totals(payments)) == "");
  CHECK(last.records_in < static_cast<std::int64_t>(payments.size())); // the crashed runs have committed something
}

TEST_CASE("a job with sliding windows and a second sink is killed again and again: no row is lost or wrong") {
  const auto payments = make_payments({.seed = 22, .count = 60'000, .step = 60});
  sliding_run run;
  const auto last = crash_loop{run, 3, 8, 700}.run(payments, 10'000);
  CHECK(difference(distinct(run.rows()), expected_totals(payments, 60'000, 20'000)) == "");
  CHECK(difference(run.large_rows(), expected_large(payments)) == "");
  CHECK(last.records_in < static_cast<std::int64_t>(payments.size()));
}

// Ten minutes; for whoever changes the rule of commits: tests_e2e "[stress]".
TEST_CASE("for many seeds, runs of all lengths that are killed lose no row and write no wrong one", "[.stress]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    const int partitions = seed % 3 == 0 ? 8 : seed % 3 == 1 ? 4 : 2;
    const auto payments = make_payments(
      {.seed = seed, .count = 60'000, .partitions = partitions, .step = static_cast<std::int64_t>(seed % 4 + 1) * 20});
    if (seed % 2 == 0) {
      pipes run{windowed_totals, partitions};
      crash_loop{run, seed, 12, static_cast<int>(seed % 5 + 1) * 150}.run(payments, 12'000);
      CHECK(difference(distinct(run.rows()), expected_totals(payments)) == "");
    } else {
      sliding_run run{partitions};
      crash_loop{run, seed, 12, static_cast<int>(seed % 5 + 1) * 150}.run(payments, 12'000);
      CHECK(difference(distinct(run.rows()), expected_totals(payments, 60'000, 20'000)) == "");
    }
  }
}
