#define LEAT_NO_LOCKS
#include <leat/connectors/alarm_clock.hpp>
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/connectors/files/file_facts.cpp>
#include <leat/connectors/files/file_watch.cpp>

int main() {
  leat::file_watch watch{leat::duration{1000}};
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (int i = 0; i < 1000; ++i)
      watch.wait_for_change(&thread, "none", std::nullopt, [] {});
  });
}
