#pragma once

#include <algorithm>
#include <string_view>

namespace leat {

/// Whether Avro allows it as a name, without a namespace: letters, digits and `_`, no digit first.
[[nodiscard]] inline bool is_avro_name(std::string_view text) noexcept {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

} // namespace leat
