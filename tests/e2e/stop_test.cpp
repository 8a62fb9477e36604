#include "pipes.hpp"
#include "steady_feed.hpp"

#include <leat/tests/support/wait_until.hpp>

#include <catch2/catch.hpp>

#include <csignal>
#include <utility>

using namespace leat::testing;

// Row 30 of the faults: SIGTERM and SIGINT.

namespace {

using std::chrono::seconds;

/// A stream that is fed piece by piece.
struct pieces {
  std::vector<payment> all = make_payments({.seed = 31, .count = 30'000, .step = 50});
  std::vector<total_row> expected = expected_totals(all);
  std::size_t fed = 0;

  /// Feeds a bit more than a minute of event time, and waits for the rows that all payments until now bring out: those whose
  /// windows every partition's watermark has passed.
  void feed_minute(pipes& to) {
    constexpr std::size_t some = 1300;
    REQUIRE(fed + some < all.size());
    to.feed(std::span{all}.subspan(fed, some));
    fed += some;
    to.wait_for_rows(ending_by(all[fed].time - 20'000, expected));
  }

  void feed_rest(pipes& to) { to.feed(std::span{all}.subspan(std::exchange(fed, all.size()))); }
};

/// A job whose rows wait in the producer for a minute, so that a drain takes that long.
std::unique_ptr<job_process> start_with_undelivered_rows(pipes& run, const std::string& drain_deadline) {
  run.feed(make_payments({.seed = 32, .count = 900, .step = 200}));
  auto job = run.start(
    {"--set", "kafka.producer-properties.linger.ms=60000", "--set", "progress=always", "--set",
     "job.drain-deadline=" + drain_deadline});
  job->wait_for_log("900 in");
  return job;
}

} // namespace

TEST_CASE("a job that is stopped drains, and a second run goes on without loss: windows that straddle the stop are whole") {
  const auto signal = GENERATE(SIGTERM, SIGINT);
  INFO("signal " << signal);
  pieces stream;
  pipes run{windowed_totals};
  const auto job = run.start({"--set", "job.commit-interval=50ms"});
  do // an epoch that begins behind one piece is committed with a later one
    stream.feed_minute(run);
  while (run.committed("windowed-totals") == 0);
  job->signal(signal);
  CHECK(job->wait_exit() == 0);
  stream.feed_rest(run);
  const auto second = run.run_bounded();
  CHECK(second.records_in < static_cast<std::int64_t>(stream.all.size())); // offsets were committed
  CHECK(difference(distinct(run.rows()), stream.expected) == "");
}

TEST_CASE("a job that is stopped while payments pour in loses none of them") {
  const auto payments = make_payments({.seed = 33, .count = 30'000, .step = 50});
  pipes run{windowed_totals};
  steady_feed feed{run.input, payments, 10'000};
  const auto expected = expected_totals(payments);
  const char* const shards[] = {"7", "2", "1"};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto job = run.start({"--parallelism", shards[i], "--set", "job.commit-interval=50ms"});
    run.wait_for_rows(ending_by(payments[(i + 1) * 8000].time - 20'000, expected));
    job->signal(SIGTERM);
    REQUIRE(job->wait_exit() == 0);
  }
  feed.finish();
  CHECK(run.run_bounded().records_in < static_cast<std::int64_t>(payments.size()));
  CHECK(difference(distinct(run.rows()), expected) == "");
}

TEST_CASE("a further signal of one kind, a second after the first or later, ends the program at once") {
  const auto signal = GENERATE(SIGINT, SIGTERM);
  INFO("signal " << signal);
  pipes run{windowed_totals};
  const auto job = start_with_undelivered_rows(run, "30s");
  job->signal(signal);
  job->wait_for_log("stopping");
  wait_until("the job to be ended by signals", seconds{10}, [&] {
    job->signal(signal);
    return !job->running();
  });
  CHECK(job->wait_exit() == 130);
}

TEST_CASE("the deadline ends a drain that the broker does not let end") {
  pipes run{windowed_totals};
  const auto job = start_with_undelivered_rows(run, "2s");
  kafka_server::shared().stop();
  job->signal(SIGTERM);
  const auto code = job->wait_exit(seconds{10});
  restart_broker();
  CHECK(code == 1);
  CHECK(job->log().find("did not drain within 2s") != std::string::npos);
}

TEST_CASE("a job that is stopped while it waits for its first broker exits with 0, and does not wait on") {
  const auto nobody = "127.0.0.1:" + std::to_string(free_port());
  job_process job{windowed_totals, {"--brokers", nobody}};
  job.wait_until_blocked(SIGTERM);
  job.signal(SIGTERM);
  CHECK(job.wait_exit(seconds{20}) == 0);
  CHECK(job.log().find("was stopped while it started, and has read nothing") != std::string::npos);
  CHECK(job.log().find(nobody) != std::string::npos);
}

TEST_CASE("a job that is stopped while it starts drains and exits") {
  pipes run{windowed_totals};
  run.feed(make_payments({.seed = 34, .count = 100}));
  kafka_server::shared().freeze();
  const auto job = run.start();
  job->wait_until_blocked(SIGTERM);
  job->signal(SIGTERM);
  kafka_server::shared().thaw();
  CHECK(job->wait_exit(seconds{20}) == 0);
  CHECK(job->log().find("stopping") != std::string::npos);
}
