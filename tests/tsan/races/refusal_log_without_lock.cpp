#define LEAT_NO_LOCKS
#include <spdlog/spdlog.h>

#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/connectors/refusal_log.cpp>

int main() {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(""));
  leat::refusal_log refusals{"source", "test", nullptr};
  leat::testing::run_threads(2, [&](std::size_t) {
    for (int i = 0; i < 1000; ++i)
      refusals.add("no", true, {});
  });
}
