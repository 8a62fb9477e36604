#define LEAT_NO_LOCKS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/operators/async/async_result.hpp>

int main() {
  const auto inbox = std::make_shared<leat::async_inbox<int>>([] {});
  leat::testing::run_threads(2, [&](std::size_t) {
    for (int i = 0; i < 1000; ++i)
      leat::async_result<int>{inbox, 1, 1}.complete(1);
  });
}
