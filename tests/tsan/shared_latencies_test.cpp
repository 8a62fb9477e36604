#include <leat/apps/fraud_alerts/demo/latency_log.hpp>
#include <leat/tests/tsan/run_threads.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace leat;
using namespace leat::fraud;
using leat::testing::run_threads;

TEST_CASE("one thread feeds transactions, another times alerts, a third looks at the figures") {
  constexpr int transactions = 1000;
  constexpr auto start = latency_log::clock::time_point{} + std::chrono::hours{1};
  const auto id = [](int i) { return "t" + std::to_string(i); };
  latency_log log{rules{}, 5s};
  for (int i = 0; i < transactions; ++i)
    log.transaction_sent("before " + id(i), start);
  bool fell = false;
  run_threads(3, [&](std::size_t thread) {
    std::size_t seen = 0;
    for (int i = 0; i < transactions; ++i)
      if (thread == 0) {
        log.transaction_sent(id(i), start);
        log.all_reached(from_millis(1'700'000'000'000 + i * 1000), start);
      } else if (thread == 1) {
        log.alert_read({"large-amount", "ann", "before " + id(i), {}, {}, 5, 4, ""}, start + 12ms);
      } else if (i % 10 == 0) {
        const auto now = log.milliseconds()["large-amount"].size();
        fell = fell || now < std::exchange(seen, now);
      }
  });
  CHECK_FALSE(fell);
  CHECK(log.milliseconds()["large-amount"] == std::vector<double>(transactions, 12));
}
