#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace leat::json_text {

/// About the first `most` bytes of `text` for an error message: whatever the input, the result is valid UTF-8 on one line,
/// with other bytes shown as `\x0a`, and an ellipsis where something was left out.
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t most = 40);

/// Replaces `out` by the text that the inside of a JSON string literal stands for, keeping the buffer of `out`. `raw` is
/// UTF-8 without control characters.
/// @returns what is wrong with an escape sequence, for a person; null when nothing is.
[[nodiscard]] const char* unescape(std::string_view raw, std::string& out);

/// The same check without the text.
[[nodiscard]] const char* check_escapes(std::string_view raw);

} // namespace leat::json_text
