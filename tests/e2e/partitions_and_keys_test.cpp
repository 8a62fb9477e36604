#include "pipes.hpp"
#include "steady_feed.hpp"

#include <leat/base/time.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>
#include <leat/tests/support/wait_until.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>

using namespace leat::testing;

// Rows 25 and 26 of the faults: an idle partition, a hot key, many keys, nothing but late records.

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t most_memory = 4'000'000'000; // AddressSanitizer's own
#else
constexpr std::size_t most_memory = 500'000'000; // a million keys take about 370 MB in all
#endif

} // namespace

TEST_CASE("windows fire without an idle partition, and lose nothing when it wakes up") {
  const auto asleep = make_payments({.seed = 61, .count = 5000, .partitions = 3, .step = 30, .disorder = 0});
  const auto awake = make_payments({.seed = 62, .count = 3000, .step = 30, .disorder = 0}, asleep.back().time);
  auto all = asleep;
  all.insert(all.end(), awake.begin(), awake.end());
  pipes run{windowed_totals};
  run.settings.insert(run.settings.end(), {"--set", "time.idle-timeout=1500ms"});
  steady_feed first{run.input, asleep, 1000};
  const auto job = run.start();
  run.wait_for_rows(ending_by(asleep.back().time - 20'000, expected_totals(asleep)));
  first.finish();
  steady_feed second{run.input, awake, 1000};
  run.wait_for_rows(ending_by(awake.back().time - 20'000, expected_totals(all)));
  second.finish();
  job->signal(SIGTERM);
  REQUIRE(job->wait_exit() == 0);
  CHECK(job->summary().late == 0);
  run.run_bounded();
  CHECK(difference(distinct(run.rows()), expected_totals(all)) == "");
}

TEST_CASE("a job that a partition holds up names it when it is asked") {
  auto held = make_payments({.seed = 66, .count = 3000, .step = 100, .disorder = 0});
  std::erase_if(held, [&](const payment& p) { return p.partition == 1 && p.time > first_minute() + 20'000; });
  const auto last = std::ranges::max(held, {}, [](const payment& p) { return p.partition == 1 ? p.time : 0; });
  const auto held_at = leat::from_millis(last.time - 5'000 - 1); // late_by(5s)
  pipes run{windowed_totals};
  run.feed(held);
  const auto job = run.start();
  job->wait_running();
  const auto cause = " waits for partition " + run.input + "/1 at " + leat::format_timestamp(held_at);
  const auto asked = [&] {
    job->signal(SIGUSR1); // it may not have read everything yet
    return job->log().find(cause) != std::string::npos;
  };
  wait_until("a report that names the partition", std::chrono::seconds{30}, asked, std::chrono::milliseconds{500}, [&] {
    return job->log();
  });
  job->signal(SIGTERM);
  CHECK(job->wait_exit() == 0);
  CHECK(run.row_count() == 0);
}

TEST_CASE("all records of one key are added up right, whatever the parallelism") {
  const auto payments = make_payments({.seed = 63, .count = 50'000, .users = 1});
  pipes run{windowed_totals};
  run.feed(payments);
  const auto job = run.start({"--bounded", "--parallelism", "7"});
  CHECK(job->wait_exit() == 0);
  CHECK(difference(run.rows(), expected_totals(payments)) == "");
}

TEST_CASE("a run in which every record is late ends, counts them all and writes nothing") {
  pipes run{windowed_totals};
  const auto first = make_payments({.seed = 64, .count = 4000, .step = 100});
  run.feed(first);
  run.run_bounded();
  const auto before = run.row_count();
  auto late = make_payments({.seed = 65, .count = 50'000, .step = 1});
  std::erase_if(late, [](const payment& p) { return p.amount <= 0; });
  run.feed(late);
  const auto counted = run.run_bounded();
  CHECK(counted.late == static_cast<std::int64_t>(late.size()));
  CHECK(run.row_count() == before);
}

TEST_CASE("a million keys in one window come out right, in bounded memory") {
  constexpr int keys = 1'000'000;
  pipes run{windowed_totals};
  {
    leat::kafka_feeder feeder{brokers(), {{"linger.ms", "50"}}};
    payment p{.id = "t", .user = "", .amount = 1, .time = first_minute() + 10'000};
    for (int i = 0; i < keys; ++i) {
      p.user = "user-" + std::to_string(i);
      feeder.send(run.input, std::nullopt, json_of(p), i % 4);
    }
    feeder.flush(std::chrono::minutes{1});
  }
  const auto job = run.start({"--bounded", "--set", "progress=always"});
  std::size_t peak = 0;
  while (job->running())
    peak = std::max(peak, job->peak_memory());
  REQUIRE(job->wait_exit() == 0);
  const auto rows = run.rows();
  CHECK(job->summary().records_in == keys);
  CHECK(distinct(rows).size() == keys);
  CHECK(std::all_of(rows.begin(), rows.end(), [](const total_row& r) { return r.transactions == 1 && r.total == 1; }));
  CHECK(peak < most_memory);
}
