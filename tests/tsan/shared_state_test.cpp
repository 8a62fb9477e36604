#include <leat/actors/job_outcome.hpp>
#include <leat/actors/wake_gate.hpp>
#include <leat/base/metrics.hpp>
#include <leat/connectors/refusal_log.hpp>
#include <leat/tests/support/captured_log.hpp>
#include <leat/tests/tsan/run_threads.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <string>
#include <utility>

using namespace leat;
using leat::testing::captured_log;
using leat::testing::run_threads;

TEST_CASE("many rings make one message, and none is lost behind an answer") {
  constexpr std::int64_t changes = 20'000;
  wake_gate gate;
  std::atomic<std::int64_t> messages{0};
  std::atomic<std::int64_t> changed{0};
  std::int64_t looked = 0;
  bool two_under_way = false;
  run_threads(4, [&](std::size_t thread) {
    if (thread != 0) {
      for (std::int64_t i = 0; i < changes; ++i) {
        changed.fetch_add(1);
        if (gate.ring())
          messages.fetch_add(1);
      }
      return;
    }
    while (looked < 3 * changes) {
      if (messages.load() == 0) {
        std::this_thread::yield();
        continue;
      }
      two_under_way = two_under_way || messages.fetch_sub(1) != 1;
      gate.answer();
      looked = changed.load();
    }
  });
  CHECK(looked == 3 * changes);
  CHECK_FALSE(two_under_way);
}

TEST_CASE("anybody reads a metric while its actor counts") {
  metric m;
  std::array<bool, 3> fell{};
  run_threads(3, [&](std::size_t thread) {
    std::int64_t last = 0;
    for (int i = 0; i < 20'000; ++i) {
      if (thread == 0)
        m.add(1);
      else
        fell[thread] = fell[thread] || std::exchange(last, m.value()) > m.value();
    }
  });
  CHECK(fell == std::array<bool, 3>{});
  CHECK(m.value() == 20'000);
}

TEST_CASE("metrics are registered and sampled at the same time") {
  metrics all;
  run_threads(3, [&](std::size_t thread) {
    for (std::uint32_t i = 0; i < 200; ++i) {
      if (thread == 2)
        (void)all.sum("records_in");
      else
        all.get("records_in", "step " + std::to_string(thread), i).add(1);
    }
  });
  CHECK(all.sum("records_in") == 400);
}

TEST_CASE("everybody who waits for a job hears the first outcome") {
  for (int round = 0; round < 200; ++round) {
    job_outcome outcome;
    std::array<std::string, 4> heard;
    run_threads(4, [&](std::size_t thread) {
      if (thread < 2)
        outcome.set({true, "reason " + std::to_string(thread)});
      if (thread == 2)
        while (!outcome.wait_for(duration{0}))
          std::this_thread::yield();
      heard[thread] = outcome.wait().reason;
    });
    REQUIRE(heard[0].starts_with("reason"));
    REQUIRE((heard[1] == heard[0] && heard[2] == heard[0] && heard[3] == heard[0]));
  }
}

TEST_CASE("the partitions of a source share what they say of refused records, and each is counted") {
  const captured_log log;
  metrics registry;
  {
    refusal_log refusals{"source", "events", &registry};
    run_threads(4, [&](std::size_t) {
      for (int i = 0; i < 1000; ++i)
        refusals.add("field `n`: found \"" + std::to_string(i) + '"', true, {});
    });
  }
  CHECK(log.count("refuses a record") == 1);
  CHECK(log.count("source 'events' has refused 3999 more records") == 1);
  CHECK_THAT(registry.noted("first_refusal", "events"), Catch::StartsWith("field `n`: found"));
}
