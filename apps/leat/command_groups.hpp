#pragma once

#include <leat/apps/leat/command.hpp>

namespace leat::cli {

/// `leat state …`
[[nodiscard]] command_group state_group();

/// `leat savepoint …`
[[nodiscard]] command_group savepoint_group();

/// `leat topics …`
[[nodiscard]] command_group topics_group();

/// `leat lag`
[[nodiscard]] command_group lag_group();

/// `leat produce`
[[nodiscard]] command_group produce_group();

/// `leat consume`
[[nodiscard]] command_group consume_group();

/// `leat dlq …`
[[nodiscard]] command_group dlq_group();

} // namespace leat::cli
