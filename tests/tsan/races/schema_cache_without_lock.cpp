#define LEAT_NO_LOCKS
#include <leat/connectors/log_limit.hpp>
#include <leat/connectors/registry/registry_client.hpp>

#include <spdlog/spdlog.h>

#include <stop_token>
#include <thread>

#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/connectors/registry/schema_cache.cpp>

int main() {
  leat::schema_cache cache{[](std::uint32_t, const std::stop_token&) { return leat::schema_answer{}; }, "source"};
  leat::testing::run_threads(2, [&](std::size_t) {
    for (int i = 0; i < 1000; ++i) {
      auto known = std::make_shared<leat::kept_schema>();
      known->id = 1;
      cache.keep(std::move(known));
    }
  });
}
