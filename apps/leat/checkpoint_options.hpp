#pragma once

#include <leat/apps/leat/checkpoint_place.hpp>
#include <leat/apps/leat/command.hpp>

#include <chrono>

namespace leat::cli {

// What the commands that read a checkpoint have in common: its path is the first word.

inline constexpr command_option checkpoint_option{"--checkpoint", "N", "This one of a directory; default the last."};
inline constexpr command_option max_age_option{
  "--max-age", "TIME",
  "How long a running job's checkpoint is read at most, as it makes the job's file grow; default 10min."};

/// @throws config_error when it is not positive.
[[nodiscard]] std::chrono::milliseconds max_age_of(const invocation& i);

/// @throws config_error when there is no such checkpoint.
[[nodiscard]] checkpoint_place place_of(const invocation& i);
[[nodiscard]] checkpoint_view view_of(const invocation& i);

} // namespace leat::cli
