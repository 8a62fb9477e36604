#pragma once

#include <cstdint>
#include <optional>
#include <vector>

/// What the functions of the random pipelines compute: used by both the pipeline and its model, as it is not what is tested.
namespace leat::reference {

inline std::int64_t small(std::int64_t n) { return n % 10'007; }

/// Of a window's values, whatever their order.
inline std::int64_t digest(std::int64_t count, std::int64_t sum, std::int64_t most) {
  return small(count * 7'919 + sum * 31 + most);
}

/// Of values in this order.
inline std::int64_t ordered_digest(const std::vector<std::int64_t>& values) {
  std::int64_t all = 17;
  for (const auto v : values)
    all = small(all * 31 + v);
  return all;
}

/// Of two values that were joined, or of one without a partner.
inline std::int64_t joined(std::int64_t first, std::optional<std::int64_t> second) {
  return small(first * 31 + (second ? *second * 17 : 5));
}

} // namespace leat::reference
