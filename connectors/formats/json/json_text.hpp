#pragma once

#include <string>
#include <string_view>

namespace leat::json_text {

/// Replaces `out` by the text that the inside of a JSON string literal stands for, keeping the buffer of `out`. `raw` is
/// UTF-8 without control characters.
/// @returns what is wrong with an escape sequence, for a person; null when nothing is.
[[nodiscard]] const char* unescape(std::string_view raw, std::string& out);

/// The same check without the text.
[[nodiscard]] const char* check_escapes(std::string_view raw);

} // namespace leat::json_text
