#define LEAT_NO_LOCKS
#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/actors/job_outcome.hpp>

int main() {
  leat::job_outcome outcome;
  leat::testing::run_threads(2, [&](std::size_t thread) {
    if (thread == 0)
      outcome.set({});
    else
      (void)outcome.wait_for(leat::duration{100});
  });
}
