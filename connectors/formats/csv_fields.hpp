#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace leat::csv_fields {

/// One field of a CSV record, as it stands there.
struct raw_field {
  std::string_view text; ///< without the quotes around it
  bool quoted = false;
  bool escaped = false; ///< whether `text` holds doubled quotes
};

/// Takes a record without line break apart (RFC 4180).
/// @returns what is wrong with it, for a person; null when nothing is.
[[nodiscard]] const char* split(std::string_view record, char delimiter, std::vector<raw_field>& out);

/// Replaces `out` by what the field stands for, keeping the buffer of `out`.
void unescape(const raw_field& from, std::string& out);

/// Appends `text`, in quotes when it needs them: for the delimiter, a quote or a line break in it, or when `always`.
void append(std::string_view text, char delimiter, bool always, std::string& out);

} // namespace leat::csv_fields
