#pragma once

#include <cstddef>
#include <string_view>

namespace leat {

/// Finds where a record of a file ends: at a line break, but for those between the quotes of a CSV field.
///
/// A record may come in pieces: what has been looked at is not looked at again. Belongs to one reader.
class record_splitter {
public:
  static constexpr std::size_t unfinished = std::string_view::npos;

  /// Every line is a record.
  static record_splitter lines() { return record_splitter{'\0', false}; }

  /// A line break in a quoted field (RFC 4180) ends no record. A quote that is not the first character of its field quotes
  /// nothing, so that one stray quote does not swallow the lines behind it.
  static record_splitter quoted_fields(char delimiter) { return record_splitter{delimiter, true}; }

  /// @param rest starts where the last record has ended; when that was `unfinished`, with the same bytes and more behind.
  /// @returns the bytes of the next record, its line break included; `unfinished` when that is not there.
  [[nodiscard]] std::size_t next(std::string_view rest);

  /// The next bytes start a record, whatever came before.
  void restart();

  /// What was looked at is gone: `rest` starts behind it from now on, still in the same record.
  void drop_seen() noexcept { seen_ = 0; }

  /// Whether what was looked at ends between the quotes of a field.
  [[nodiscard]] bool in_quotes() const noexcept { return at_ == place::quoted; }

  /// Where in a record what was looked at ends: what another splitter needs to go on there.
  enum class place : unsigned char { field_start, unquoted, quoted, quote_in_quoted };
  [[nodiscard]] place at() const noexcept { return at_; }
  void go_on(place at) noexcept {
    seen_ = 0;
    at_ = at;
  }

private:
  record_splitter(char delimiter, bool quotes) : delimiter_{delimiter}, quotes_{quotes} {}

  [[nodiscard]] std::size_t next_quoted(std::string_view rest);

  char delimiter_;
  bool quotes_;
  std::size_t seen_ = 0; // bytes of the present record that were looked at
  place at_ = place::field_start;
};

/// A record without the line break behind it: LF, or CR LF.
[[nodiscard]] std::string_view without_line_break(std::string_view record) noexcept;

} // namespace leat
