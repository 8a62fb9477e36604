#include <leat/actors/recovery/restart_policy.hpp>

#include <catch2/catch.hpp>

using namespace leat;

namespace {

using strategy = restart_options::strategy;
constexpr std::optional<duration> over{};

/// Failures at certain times after the beginning; each restart begins when its pause is over.
struct failing_job {
  std::optional<duration> fails_after(duration time_running) {
    now += time_running;
    const auto pause = policy.on_failure(now);
    if (pause) {
      now += *pause;
      policy.on_start(now);
    }
    return pause;
  }

  restart_policy policy;
  restart_policy::clock::time_point now{};
};

} // namespace

TEST_CASE("without a strategy the first failure is the last") {
  failing_job job{restart_policy{{}}};
  CHECK(job.fails_after(1h) == over);
}

TEST_CASE("with a fixed delay all pauses are the same, and the attempts are counted over all time") {
  failing_job job{restart_policy{{.how = strategy::fixed_delay, .attempts = 2, .delay = 3s}}};
  CHECK(job.fails_after(0s) == 3s);
  CHECK(job.fails_after(24h) == 3s);
  CHECK(job.fails_after(24h) == over);
  CHECK(job.policy.restarts() == 2);
}

TEST_CASE("exponential pauses grow up to the longest") {
  failing_job job{restart_policy{
    {.how = strategy::exponential, .attempts = 5, .delay = 1s, .longest_delay = 5s, .growth = 2, .calm = 10min}}};
  CHECK(job.fails_after(1s) == 1s);
  CHECK(job.fails_after(1s) == 2s);
  CHECK(job.fails_after(1s) == 4s);
  CHECK(job.fails_after(1s) == 5s);
  CHECK(job.fails_after(1s) == 5s);
  CHECK(job.fails_after(1s) == over);
}

TEST_CASE("after a calm time an exponential pause is the shortest again, and attempts count anew") {
  failing_job job{restart_policy{{.how = strategy::exponential, .attempts = 2, .delay = 1s, .growth = 3, .calm = 10min}}};
  CHECK(job.fails_after(1s) == 1s);
  CHECK(job.fails_after(10min - 1ms) == 3s);
  CHECK(job.fails_after(10min) == 1s);
  CHECK(job.fails_after(1s) == 3s);
  CHECK(job.fails_after(1s) == over);
}

TEST_CASE("by rate a job is started again until it fails too often within the window") {
  failing_job job{restart_policy{{.how = strategy::rate, .attempts = 2, .delay = 1s, .window = 1min}}};
  CHECK(job.fails_after(0s) == 1s);  // at 0 s
  CHECK(job.fails_after(29s) == 1s); // at 30 s
  CHECK(job.fails_after(29s) == 1s); // at 60 s: the first is a minute ago
  CHECK(job.fails_after(9s) == over);
}
