#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace leat::cli {

/// What lines are.
enum class line_form {
  text, ///< anything
  json, ///< a document each; blank lines are passed over
  csv,  ///< a row each, behind a first line with the names of the columns; blank lines are passed over
};

/// How a line becomes a record.
struct line_rules {
  line_form form = line_form::text;
  std::string key_field;           ///< the member or column that is the key; empty: none
  std::string key_separator;       ///< text: what stands between key and value; empty: there is no key
  std::optional<std::string> null; ///< a key or value that is this text is null
};

/// The record of a line.
struct line_record {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value; ///< the line as it is, but for a key and separator before it
};

/// Makes records of lines.
class line_reader {
public:
  enum class verdict {
    record,
    nothing, ///< the line is none: blank, or the names of the columns
    bad,
  };

  explicit line_reader(line_rules rules);
  line_reader(const line_reader&) = delete;
  line_reader& operator=(const line_reader&) = delete;
  ~line_reader();

  /// @param line outlives the use of the record.
  /// @throws config_error when the first line of CSV does not name the column of the key.
  [[nodiscard]] verdict read(std::string_view line);

  [[nodiscard]] const line_record& record() const noexcept { return record_; }

  /// What is wrong with a line that is bad.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
  struct parsers;

  verdict read_text(std::string_view line);
  verdict read_json(std::string_view line);
  verdict read_csv(std::string_view line);
  void read_columns(std::string_view line);
  verdict bad(std::string reason);

  const line_rules rules_;
  std::unique_ptr<parsers> parsers_;
  line_record record_;
  std::string reason_;
  std::string key_; // where it is not part of the line
};

} // namespace leat::cli
