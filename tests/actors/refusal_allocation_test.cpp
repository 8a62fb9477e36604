#include <leat/connectors/refusal_log.hpp>

#include <leat/tests/support/captured_log.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

// Counts what this program allocates.
namespace {
std::atomic<std::size_t> allocations{0};
}

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size))
    return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size);
}
// Not inlined: or g++ sees a `free` of what came from `new`.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace leat;
using namespace leat::testing;

TEST_CASE("a record refused for a reason of a known kind costs no allocation") {
  const captured_log log;
  metrics registry;
  refusal_log refusals{"source", "events", &registry};
  const std::string reason = "field `number_of_something`: expected a number, found \"x\" at byte 17";
  refusals.add(reason, true, {});
  const auto before = allocations.load();
  refusals.add(reason, true, {});
  CHECK(allocations.load() == before);
}
