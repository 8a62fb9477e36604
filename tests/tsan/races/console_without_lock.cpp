#define LEAT_NO_LOCKS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/pipeline/console.cpp>
#include <leat/pipeline/line_writer.cpp>

int main() {
  leat::console nowhere{-1, -1};
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (int i = 0; i < 1000; ++i)
      nowhere.set_status("thread " + std::to_string(thread));
  });
}
