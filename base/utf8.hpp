#pragma once

#include <cstddef>
#include <string_view>

namespace leat {

/// The bytes of the UTF-8 sequence (Unicode 15, table 3-7) that `text` starts with; 0 when it starts with none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text) noexcept;

/// Where the first byte stands that belongs to no UTF-8 sequence; `npos` when there is none.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text) noexcept;

} // namespace leat
