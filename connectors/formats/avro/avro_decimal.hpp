#pragma once

#include <leat/base/decimal.hpp>

#include <optional>
#include <string_view>

namespace leat {

/// A decimal as Avro has it: the number without a point, most significant byte first, negative ones as their complement.
/// @returns none: it has more digits than a decimal.
[[nodiscard]] std::optional<decimal> avro_decimal(std::string_view bytes, int scale);

} // namespace leat
