#include "pipes.hpp"

#include <catch2/catch.hpp>

#include <csignal>

using namespace leat::testing;

TEST_CASE("totals of disordered payments in four partitions are the same with 1, 2 and 7 shards") {
  const auto payments = make_payments({.seed = 11});
  const auto expected = expected_totals(payments);
  for (const char* shards : {"1", "2", "7"}) {
    pipes run{windowed_totals};
    run.feed(payments);
    const auto counted = run.run_bounded({"--parallelism", shards});
    INFO(shards << " shards");
    CHECK(difference(run.rows(), expected) == "");
    CHECK(counted.records_in == static_cast<std::int64_t>(payments.size()));
    CHECK(counted.late == 0);
  }
}

TEST_CASE("records whose windows have fired and been written are counted as late and change nothing") {
  const auto payments = make_payments({.seed = 12, .count = 6000, .step = 50});
  const auto expected = expected_totals(payments);
  pipes run{windowed_totals};
  run.feed(payments);
  const auto job = run.start();
  const auto fired_until = payments.back().time - 20'000;
  run.wait_for_rows(ending_by(fired_until, expected));

  auto late = make_payments({.seed = 13, .count = 500, .step = 100});
  std::erase_if(late, [](const payment& p) { return p.amount <= 0; });
  REQUIRE(late.back().time < fired_until - 60'000);
  run.feed(late);
  const auto newer = make_payments({.seed = 14, .count = 2000, .step = 100}, payments.back().time);
  run.feed(newer);
  auto all = payments;
  all.insert(all.end(), newer.begin(), newer.end());
  const auto rows_wanted = ending_by(newer.back().time - 20'000, expected_totals(all));
  run.wait_for_rows(rows_wanted);
  job->signal(SIGTERM);
  REQUIRE(job->wait_exit() == 0);

  CHECK(job->summary().late == static_cast<std::int64_t>(late.size()));
  CHECK(job->summary().records_in == static_cast<std::int64_t>(all.size() + late.size()));
  const auto rows = run.rows();
  CHECK(difference(ending_by(newer.back().time - 20'000, rows), rows_wanted) == "");
}
