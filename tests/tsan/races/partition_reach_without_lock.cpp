#define LEAT_NO_LOCKS
#include <simdjson.h>

#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/connectors/kafka/partition_reach.cpp>

int main() {
  leat::partition_reach reach;
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (int i = 0; i < 100; ++i)
      if (thread == 0)
        reach.update(R"({"brokers": {}, "topics": {}})");
      else
        (void)reach.in_reach({"lines", 0});
  });
}
