#define LEAT_NO_LOCKS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/base/metrics.cpp>

int main() {
  leat::metrics all;
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (std::uint32_t i = 0; i < 100; ++i)
      if (thread == 0)
        all.get("records_in", "step", i);
      else
        (void)all.samples();
  });
}
