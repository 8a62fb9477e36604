#pragma once

#include <leat/connectors/formats/format.hpp>

namespace leat {

/// What differs between the many kinds of CSV.
struct csv_options {
  char delimiter = ',';                ///< `;` and a tab are common too
  bool header = true;                  ///< whether a file begins with a line of column names
  bool ignore_unknown_columns = false; ///< whether columns that are no field are left out, instead of being refused
};

/// One record, one line of comma-separated values (RFC 4180), of the fields that the record type describes.
///
/// A file begins with a line that names the columns, in any order. A column of an optional field may be missing; any other
/// missing, unknown or repeated column refuses the file. Without a header, and outside of files, the columns are the fields
/// in the order of their description.
///
/// | field | read from | written as |
/// |---|---|---|
/// | bool | `true`, `false` | the same |
/// | integers | digits, in range | digits |
/// | float, double | a decimal number in range, rounded once to the nearest | the shortest digits that read back bit by bit |
/// | decimal | a number of at most 38 digits | a number with all its digits, as `12.50` |
/// | string | text in UTF-8; other bytes are refused | text, in quotes where it has to be |
/// | timestamp | milliseconds since the epoch, or an ISO-8601 text (see `parse_timestamp`) | milliseconds |
/// | enum | its name | its name |
/// | optional | nothing between the delimiters, or the value | nothing, or the value |
///
/// A field in quotes may hold delimiters, doubled quotes and line breaks. An optional string that is there and empty is
/// `""`. Nothing is guessed: spaces belong to their field, a number with spaces around it is none, and a line with too few
/// or too many columns is refused. Lists and structs have no form in CSV: a record type with one is refused at the start.
class csv_format : public format {
public:
  constexpr explicit csv_format(csv_options options = {}) noexcept : options_{options} {}

  [[nodiscard]] std::string_view name() const noexcept override;
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema& of) const override;
  [[nodiscard]] record_splitter make_splitter() const override;
  [[nodiscard]] std::string header(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<decoder> make_decoder_behind(std::string_view header, const schema& of) const override;

private:
  csv_options options_;
};

/// The format to name in a pipeline: `files::source<trade>("trades.csv", csv)`. Another kind is a constant of its own, which
/// outlives the job: `constinit const csv_format semicolons{{.delimiter = ';'}};`.
inline constinit const csv_format csv{};

} // namespace leat
