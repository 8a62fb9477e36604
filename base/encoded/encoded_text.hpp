#pragma once

#include <leat/base/bytes.hpp>
#include <leat/base/encoded/encoded_type.hpp>

#include <string>
#include <string_view>

namespace leat {

/// Appends an encoded value as a person reads it: text in quotes, `{member: value, …}` for records, `[…]` for containers,
/// `{key: value, …}` for maps, spans of time with their unit, `none` for an empty optional, and bytes for what is opaque.
/// @throws state_error when the bytes are of another type, see encoded_value.hpp.
void append_text(std::string& to, const encoded_type& type, byte_reader& from);

/// The same for all of `bytes`. @param type null: not known, so the bytes are shown, as `0x1fe2`.
[[nodiscard]] std::string value_text(const encoded_type* type, std::string_view bytes);

} // namespace leat
