#pragma once

#include <cstddef>

namespace leat::testing {

/// Whether programs that link `leat_counted_allocations` count what they allocate: not under sanitizers, whose own
/// `operator new` and `operator delete` see what is freed in another way than it was allocated.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool counts_allocations = false;
#else
inline constexpr bool counts_allocations = true;
#endif

/// How often this thread has called `operator new`, but for over-aligned types; 0 where it is not counted.
[[nodiscard]] std::size_t allocations() noexcept;

/// How often it does while `body` runs.
template <class Body>
std::size_t allocations_of(const Body& body) {
  const auto before = allocations();
  body();
  return allocations() - before;
}

} // namespace leat::testing
