#pragma once

#include <span>
#include <string>
#include <string_view>

namespace leat {

/// How many insertions, deletions, replacements and swaps of neighbours turn `a` into `b`: the optimal string alignment
/// distance (Damerau 1964, restricted so that no part is edited twice).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The name that somebody who wrote `wrong` most likely meant, or empty when none is close: the least edit distance,
/// but a name whose last dotted parts are exactly `wrong` counts as very close (`brokers` for `kafka.brokers`). When none is
/// close, the only one that begins with it, its last part cut short (`checkpoints.dir` for `checkpoints.directory`).
[[nodiscard]] std::string nearest_name(std::string_view wrong, std::span<const std::string> names);

} // namespace leat
