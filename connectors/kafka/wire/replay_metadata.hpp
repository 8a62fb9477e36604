#pragma once

#include <cstddef>
#include <string_view>

/// The text that `leat dlq replay` stores beside an offset it commits: docs/formats/replay_metadata.md.
namespace leat::replay_metadata {

/// Begins every text; 1 is the version of the format. What follows are ranges of offsets.
inline constexpr std::string_view prefix = "leat-replay:1:";

inline constexpr char between_ranges = ',';
inline constexpr char within_range = '-';

/// What brokers take (`offset.metadata.max.bytes`), unless they are told otherwise.
inline constexpr std::size_t longest = 4096;

} // namespace leat::replay_metadata
