#pragma once

#include <cstdint>

namespace leat {

/// Key groups: the unit in which keyed state is divided, saved and moved between shards.
///
/// A key belongs to one of `max_parallelism` groups for ever: the group depends on the key's bytes only. A shard owns a
/// contiguous range of groups, so a job can be restored with another number of shards by moving whole groups. Both
/// formulas below are part of the state format and never change.

/// How many key groups a job has unless it says otherwise, and so how many shards it can have at most.
inline constexpr std::uint32_t default_max_parallelism = 128;

/// The group of a key with this hash, in [0, max_parallelism).
///
/// Uses bits 16 to 47 of the hash: hash tables inside a shard use the lowest and the highest bits, which therefore stay
/// evenly spread among the keys of one shard. Range reduction by multiplication (Lemire 2016, "Fast random integer
/// generation in an interval").
constexpr std::uint32_t key_group_of(std::uint64_t key_hash, std::uint32_t max_parallelism) noexcept {
  const auto middle = (key_hash >> 16) & 0xffff'ffffULL;
  return static_cast<std::uint32_t>((middle * max_parallelism) >> 32);
}

/// The shard that owns `group`, in [0, parallelism); needs parallelism <= max_parallelism.
constexpr std::uint32_t shard_of(std::uint32_t group, std::uint32_t parallelism, std::uint32_t max_parallelism) noexcept {
  return static_cast<std::uint32_t>(std::uint64_t{group} * parallelism / max_parallelism);
}

} // namespace leat
