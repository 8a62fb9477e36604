#pragma once

#include <cstdint>
#include <optional>
#include <vector>

/// What the functions of the random pipelines compute: used by both the pipeline and its model, as it is not what is tested.
namespace leat::reference {

using values = std::vector<std::int64_t>;

inline std::int64_t small(std::int64_t n) { return n % 10'007; }

/// Of a window's values, whatever their order.
inline std::int64_t digest(std::int64_t count, std::int64_t sum, std::int64_t most) {
  return small(count * 7'919 + sum * 31 + most);
}
inline std::int64_t digest(const values& all) {
  std::int64_t sum = 0;
  std::int64_t most = 0;
  for (const auto v : all) {
    sum += v;
    most = v > most ? v : most;
  }
  return digest(static_cast<std::int64_t>(all.size()), sum, most);
}

/// Of two values, the older first.
inline std::int64_t folded(std::int64_t older, std::int64_t newer) { return small(older * 31 + newer); }

/// What a reduction leaves of values.
inline std::int64_t reduced(const values& all, std::int64_t (*function)(std::int64_t, std::int64_t)) {
  auto left = all.front();
  for (std::size_t i = 1; i < all.size(); ++i)
    left = function(left, all[i]);
  return left;
}

/// Of values in this order.
inline std::int64_t ordered_digest(const values& all) {
  std::int64_t digest = 17;
  for (const auto v : all)
    digest = folded(digest, v);
  return digest;
}

/// Of two values that were joined, or of one without a partner.
inline std::int64_t joined(std::optional<std::int64_t> first, std::optional<std::int64_t> second) {
  return small((first ? *first * 31 : 7) + (second ? *second * 17 : 5));
}

/// What a function with state does with a record of this value.
enum class use { read, write, clear };
inline use use_of(std::int64_t value) {
  if (value % 7 == 6)
    return use::clear;
  return value % 3 == 2 ? use::read : use::write;
}

/// A number that one percent does not change when it is rounded: 1, -2, 4, -8, 16, -32.
inline std::int64_t apart(std::int64_t value) {
  const auto size = std::int64_t{1} << (value % 6);
  return value % 2 == 0 ? size : -size;
}

} // namespace leat::reference
