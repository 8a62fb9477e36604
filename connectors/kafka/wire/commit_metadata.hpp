#pragma once

#include <string_view>

/// The text that Leat stores beside an offset it commits: docs/formats/commit_metadata.md.
namespace leat::commit_metadata {

/// Begins every text; 1 is the version of the format. What follows is decimal: milliseconds since the epoch.
inline constexpr std::string_view prefix = "leat:1:";

} // namespace leat::commit_metadata
