#define LEAT_NO_LOCKS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/messages/batch_pool.cpp>

int main() {
  const auto pool = leat::make_pool<int>();
  leat::testing::run_threads(2, [&](std::size_t) {
    for (int i = 0; i < 1000; ++i)
      (void)pool->take();
  });
}
