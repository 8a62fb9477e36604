#include "pipes.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace leat::testing;

// Row 11 of the faults: the broker goes away for a while.

TEST_CASE("a job whose broker is gone for ten seconds goes on by itself, with the same rows and few words") {
  const auto payments = make_payments({.seed = 41, .count = 120'000, .step = 8});
  pipes run{windowed_totals};
  run.feed(payments);
  // Small fetches that back off: the job is busy for many seconds.
  const auto job = run.start(
    {"--bounded", "--set", "kafka.consumer-properties.queued.min.messages=1000", "--set",
     "kafka.consumer-properties.fetch.message.max.bytes=20000"});
  run.wait_for_rows(1);
  const auto before = job->log_lines();
  kafka_server::shared().stop();
  std::this_thread::sleep_for(std::chrono::seconds{10});
  CHECK(job->running());
  CHECK(job->log_lines() - before < 30);
  restart_broker();
  CHECK(job->wait_exit() == 0);
  CHECK(job->log_lines() - before < 60);
  CHECK(difference(run.rows(), expected_totals(payments)) == "");
  CHECK(job->summary().records_in == static_cast<std::int64_t>(payments.size()));
}
