#define LEAT_NO_LOCKS
#include <spdlog/spdlog.h>

#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/connectors/kafka/client_log.cpp>

int main() {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(""));
  leat::client_log log{"test"};
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (int i = 0; i < 1000; ++i)
      if (thread == 0)
        log.line(3, "FAIL", "connection refused");
      else
        (void)log.last_problem();
  });
}
