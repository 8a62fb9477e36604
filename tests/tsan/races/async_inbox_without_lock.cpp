#define LEAT_NO_LOCKS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/operators/async/async_result.hpp>

int main() {
  leat::async_inbox<int> inbox{[] {}};
  // Not by way of results: what counts their copies brings the threads in order. Once each, so that nothing is freed.
  leat::testing::run_threads(2, [&](std::size_t) { inbox.put({1, 1, {}, {}}); });
}
