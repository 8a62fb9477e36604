#define LEAT_NO_LOCKS
#include <spdlog/spdlog.h>

#include <leat/tests/tsan/races/nothing_shared_safely.hpp>

#include <leat/connectors/files/file_facts.cpp>
#include <leat/connectors/files/file_pattern.cpp>
#include <leat/connectors/files/file_search.cpp>

int main() {
  leat::file_search search{"step", leat::file_pattern{"."}};
  leat::testing::run_threads(2, [&](std::size_t thread) {
    for (std::uint64_t i = 0; i < 1000; ++i)
      (void)search.claim({thread, i, 0});
  });
}
