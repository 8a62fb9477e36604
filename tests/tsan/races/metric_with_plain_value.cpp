#define LEAT_NO_ATOMICS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/base/metrics.hpp>

int main() {
  leat::metric m;
  std::int64_t read = 0;
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (int i = 0; i < 1000; ++i)
      if (thread == 0)
        m.add(1);
      else
        read += m.value(); // used below: a read for nothing would be optimized away
  });
  return read < 0 ? 1 : 0;
}
