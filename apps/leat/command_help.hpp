#pragma once

#include <leat/apps/leat/command.hpp>

#include <span>
#include <string>

namespace leat::cli {

/// All commands, a line or two each, and the exit codes.
[[nodiscard]] std::string help_of_all(std::span<const command_group> groups);

/// The commands of a group with what their words mean.
[[nodiscard]] std::string help_of(const command_group& group);

/// One command with its options.
[[nodiscard]] std::string help_of(const command_group& group, const command& of);

} // namespace leat::cli
