#pragma once

#include <leat/base/key_group.hpp>
#include <leat/base/time.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace leat::testing {

/// How a job runs in a test.
struct test_options {
  std::uint32_t parallelism = 1;                           ///< of the steps and sinks that do not say
  std::uint32_t max_parallelism = default_max_parallelism; ///< key groups, and so the most shards a step can have
  std::uint32_t credit = 8;                                ///< batches each channel grants
  std::optional<timestamp> start{};                        ///< the virtual clock's; none: 1970, or a snapshot's

  /// Of the sources that have more than one, by their step's name. A source that is not named here has one, or as many as the
  /// snapshot has of it.
  std::map<std::string, std::uint32_t> partitions{};
};

} // namespace leat::testing
