#pragma once

#include <barrier>
#include <cstddef>
#include <thread>
#include <vector>

namespace leat::testing {

/// Runs `work(number)` on `count` threads that begin together, and waits for all of them.
template <class Work>
void run_threads(std::size_t count, Work work) {
  std::barrier together{static_cast<std::ptrdiff_t>(count)};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i)
    threads.emplace_back([&together, &work, i] {
      together.arrive_and_wait();
      work(i);
    });
}

} // namespace leat::testing
