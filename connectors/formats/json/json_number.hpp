#pragma once

#include <cstdint>

namespace leat::json_number {

/// What came of reading a number.
enum class outcome : std::uint8_t {
  ok,
  malformed,    ///< not a JSON number, or not followed by what may follow one
  not_integer,  ///< a JSON number, but with a fraction or an exponent
  out_of_range, ///< a JSON number that the type cannot hold
};

/// Whether the byte may stand behind a number or literal: `,` `]` `}` or white space.
[[nodiscard]] bool ends_scalar(char c) noexcept;

/// Reads a JSON number without fraction and exponent. Whatever `text` points to, some byte in front of the buffer's end
/// must be no part of a number.
[[nodiscard]] outcome read_int64(const char* text, std::int64_t& out) noexcept;
[[nodiscard]] outcome read_uint64(const char* text, std::uint64_t& out) noexcept;

/// Reads a JSON number as the nearest value, ties to even. Values below the smallest denormal become a zero of their sign;
/// values above the largest finite one are out of range.
[[nodiscard]] outcome read_double(const char* text, double& out) noexcept;

/// The nearest float, rounded once: not by way of a double.
[[nodiscard]] outcome read_float(const char* text, float& out) noexcept;

/// Whether a JSON number of any size stands at `text`.
[[nodiscard]] bool is_number(const char* text) noexcept;

} // namespace leat::json_number
