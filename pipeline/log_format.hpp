#pragma once

#include <leat/base/time.hpp>

#include <string>
#include <string_view>

namespace leat {

/// One message of the log.
struct log_record {
  timestamp time;
  std::string_view level; ///< trace, debug, info, warn, error
  std::string_view step;  ///< the step of the job it is about; may be empty
  std::string_view message;
};

/// `{"time":"2024-05-01T12:00:00.250Z","level":"info","step":"alerts","message":"…"}` and a newline; "step" is left out
/// when empty. Always valid JSON (RFC 8259) in valid UTF-8, on one line: control characters are escaped, and every byte
/// that is not part of valid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_log_line(const log_record& record);

/// `2024-05-01T12:00:00.250Z info  [alerts] message` and a newline, for people. Further lines of a message are indented.
/// Control characters and invalid UTF-8 are shown as `\x1b`: a record's content must not move the reader's cursor.
/// @param colour whether a terminal shows it.
[[nodiscard]] std::string text_log_line(const log_record& record, bool colour);

} // namespace leat
