#define LEAT_NO_ATOMICS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/actors/wake_gate.hpp>

int main() {
  leat::wake_gate gate;
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (int i = 0; i < 1000; ++i)
      if (thread == 0)
        gate.answer();
      else
        (void)gate.ring();
  });
}
