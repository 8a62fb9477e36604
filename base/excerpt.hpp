#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace leat {

/// About the first `most` bytes of `text` for an error message: whatever the input, the result is valid UTF-8 on one line,
/// with other bytes shown as `\x0a`, and an ellipsis where something was left out.
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t most = 40);

} // namespace leat
