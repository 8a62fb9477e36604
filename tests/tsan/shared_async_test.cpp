#include <leat/operators/async/async_result.hpp>
#include <leat/tests/tsan/run_threads.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <semaphore>

using namespace leat;
using leat::testing::run_threads;

TEST_CASE("calls end on several threads, in each of their ways, while the step takes in what they have come to") {
  constexpr std::size_t calls = 2'000;
  std::counting_semaphore<> woken{0};
  const auto inbox = std::make_shared<async_inbox<int>>([&] { woken.release(); });
  std::size_t seen = 0;
  bool lost = false;
  run_threads(4, [&](std::size_t thread) {
    if (thread == 0)
      while (seen < 3 * calls && !lost) {
        lost = !woken.try_acquire_for(std::chrono::seconds{60});
        seen += inbox->take().size();
      }
    else
      for (std::size_t i = 0; i < calls; ++i) {
        const async_result<int> result{inbox, i, 1};
        const auto copy = result;
        if (i % 3 == 0)
          copy.complete(1);
        else if (i % 3 == 1)
          copy.fail("refused");
      }
  });
  CHECK_FALSE(lost);
  CHECK(seen == 3 * calls);
}
