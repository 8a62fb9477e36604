#pragma once

#include <leat/apps/leat/command.hpp>

namespace leat::cli {

/// `leat state …`
[[nodiscard]] command_group state_group();

/// `leat savepoint …`
[[nodiscard]] command_group savepoint_group();

} // namespace leat::cli
