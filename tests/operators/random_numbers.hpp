#pragma once

#include <cstdint>
#include <random>

namespace leat::testing {

/// Both bounds are possible.
inline std::int64_t between(std::mt19937& random, std::int64_t least, std::int64_t most) {
  return std::uniform_int_distribution<std::int64_t>{least, most}(random);
}

} // namespace leat::testing
