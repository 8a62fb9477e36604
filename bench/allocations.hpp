#pragma once

#include <cstdint>

namespace leat::bench {

/// How many times this process has called `operator new`, on all threads: allocations.cpp replaces it.
[[nodiscard]] std::uint64_t allocations() noexcept;

} // namespace leat::bench
