#define LEAT_NO_ATOMICS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/messages/batch_pool.cpp>

int main() {
  const leat::batch_ptr shared = leat::batch<int>::fresh();
  leat::testing::run_threads(2, [&](std::size_t) {
    for (int i = 0; i < 1000; ++i)
      const auto copy = shared;
  });
}
