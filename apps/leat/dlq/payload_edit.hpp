#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace leat::cli {

/// What a program made of a payload.
struct edited_payload {
  std::string bytes;
  std::string problem; ///< why that is not to be used; empty: nothing is wrong
};

/// Runs `command` by the shell, with `payload` for its standard input, and takes its standard output. One line break at the end that
/// the payload did not have is left out: most programs add one. A program that fails, gives nothing, or takes longer than `patience`
/// has a problem; then it is killed, with all that it has started. Its standard error is the caller's.
/// @param stopped asked now and then whether to wait no longer.
[[nodiscard]] edited_payload edit_payload(
  const std::string& command, std::string_view payload, std::chrono::milliseconds patience,
  const std::function<bool()>& stopped = [] { return false; });

} // namespace leat::cli
