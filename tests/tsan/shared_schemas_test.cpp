#include <leat/connectors/registry/schema_cache.hpp>
#include <leat/tests/tsan/run_threads.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <memory>
#include <semaphore>

using namespace leat;
using leat::testing::run_threads;

TEST_CASE("readers ask for schemas that come on the cache's thread, and are gone before others do") {
  constexpr std::uint32_t schemas = 500;
  schema_cache cache{
    [](std::uint32_t id, const std::stop_token&) {
      auto found = std::make_shared<kept_schema>();
      found->id = id;
      return schema_answer{{.what = registry_answer::outcome::done}, std::move(found)};
    },
    "source"};
  run_threads(4, [&](std::size_t thread) {
    std::counting_semaphore<> woken{0};
    const auto line = std::make_shared<wake_line>([&] { woken.release(); });
    for (std::uint32_t id = 0; id < schemas; ++id)
      while (!cache.find(id, line))
        if (thread == 0) // it leaves while the cache may be calling it
          break;
        else if (!woken.try_acquire_for(std::chrono::seconds{60}))
          return;
    line->cut();
  });
  CHECK(cache.find(schemas - 1, nullptr));
}
