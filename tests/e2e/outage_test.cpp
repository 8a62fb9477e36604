#include "pipes.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <thread>

using namespace leat::testing;
using namespace std::chrono_literals;

// Row 11 of the faults: the broker goes away for a while, always for longer than the idle timeout.

TEST_CASE("a job whose broker is gone for a while goes on by itself, with the same rows and few words") {
  const auto payments = make_payments({.seed = 41, .count = 120'000, .step = 8});
  pipes run{windowed_totals};
  run.feed(payments);
  // Small fetches that back off: the job is busy for many seconds.
  run.settings.insert(run.settings.end(), {"--set", "time.idle-timeout=2s"});
  const auto job = run.start(
    {"--bounded", "--set", "kafka.consumer-properties.queued.min.messages=1000", "--set",
     "kafka.consumer-properties.fetch.message.max.bytes=20000"});
  run.wait_for_rows(1);
  const auto before = job->log_lines();
  kafka_server::shared().stop();
  let_last(10s, 60s);
  CHECK(job->running());
  CHECK(job->log_lines() - before < 30);
  restart_broker();
  CHECK(job->wait_exit() == 0);
  CHECK(job->log_lines() - before < 60);
  CHECK(difference(run.rows(), expected_totals(payments)) == "");
  CHECK(job->summary().records_in == static_cast<std::int64_t>(payments.size()));
  CHECK(job->summary().late == 0);
}

TEST_CASE("a broker that says nothing for longer than the idle timeout makes no partition idle and no record late") {
  const auto payments = make_payments({.seed = 42, .count = 900, .step = 1000});
  const auto before = std::span{payments}.first(300);
  std::vector<payment> after{payments.begin() + 300, payments.end()};
  const auto others = std::stable_partition(after.begin(), after.end(), [](const payment& p) { return p.partition == 0; });
  const auto expected = expected_totals(payments);
  pipes run{windowed_totals};
  run.settings.insert(run.settings.end(), {"--set", "time.idle-timeout=4s", "--set", "progress=always"});
  const auto job = run.start();
  job->wait_running();
  run.feed(before);
  job->wait_for_log("300 in"); // their last windows are open
  kafka_server::shared().freeze();
  std::this_thread::sleep_for(std::chrono::seconds{6});
  kafka_server::shared().thaw();
  const auto of_first_partition = static_cast<std::size_t>(others - after.begin());
  run.feed(std::span{after}.first(of_first_partition));
  job->wait_for_log(std::to_string(300 + of_first_partition) + " in");
  run.feed(std::span{after}.subspan(of_first_partition));
  run.wait_for_rows(ending_by(payments.back().time - 20'000, expected));
  job->signal(SIGTERM);
  REQUIRE(job->wait_exit() == 0);
  CHECK(job->summary().late == 0);
  run.run_bounded();
  CHECK(difference(distinct(run.rows()), expected) == "");
}
