#define LEAT_NO_LOCKS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/apps/fraud_alerts/demo/latency_log.cpp>

int main() {
  leat::fraud::latency_log log{{}, leat::duration{5}};
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (int i = 0; i < 1000; ++i)
      log.transaction_sent(std::to_string(thread), {});
  });
}
