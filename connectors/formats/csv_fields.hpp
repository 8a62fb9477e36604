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

/// The delimiter that a record was most likely written with which `delimiter` does not divide; 0 when it has none.
[[nodiscard]] char likely_delimiter(std::string_view record, char delimiter) noexcept;

/// A delimiter for a person, and for C++: `;`, `\t`.
[[nodiscard]] std::string to_text(char delimiter);

/// Replaces `out` by what the field stands for, keeping the buffer of `out`.
void unescape(const raw_field& from, std::string& out);

/// Appends `text`, in quotes when it needs them: for the delimiter, a quote or a line break in it, or when `always`.
void append(std::string_view text, char delimiter, bool always, std::string& out);

} // namespace leat::csv_fields
