#include <leat/tests/support/allocations.hpp>

#include <cstdlib>
#include <new>

namespace {
thread_local std::size_t allocated = 0;
}

namespace leat::testing {
std::size_t allocations() noexcept { return allocated; }
} // namespace leat::testing

// The other forms of both lead here.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void* operator new(std::size_t size) {
  ++allocated;
  if (void* const memory = std::malloc(size))
    return memory;
  throw std::bad_alloc{};
}
// Not inlined: or g++ sees a `free` of what came from `new`.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif
