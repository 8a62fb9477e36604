#pragma once

#include <leat/connectors/formats/format.hpp>

namespace leat {

/// One record, one JSON object (RFC 8259), of the fields that the record type describes.
///
/// | field | read from | written as |
/// |---|---|---|
/// | bool | `true`, `false` | the same |
/// | integers | a number without fraction and exponent, in range | digits |
/// | float, double | any number in range, rounded once to the nearest | the shortest digits that read back bit by bit |
/// | decimal | a number of at most 38 digits, or a string with one | a number with all its digits, as `12.50` |
/// | string | string | string; bytes that are not UTF-8 are refused, not replaced |
/// | timestamp | milliseconds since the epoch, or an ISO-8601 string (see `parse_timestamp`) | milliseconds |
/// | enum | its name as a string | its name as a string |
/// | optional | `null`, the value, or no such field | `null` or the value; the field is always there |
/// | vector, struct | list, object | list, object |
///
/// Nothing is guessed: "12" is no number but for a decimal, 12.0 no integer, 1e400 no double, `null` no value of a field that is not
/// optional; a missing or repeated field and anything that is not JSON refuse the record. Unknown fields may hold anything
/// that is JSON, nested up to 1,024 deep, and are left out. A byte-order mark at the start is left out. The result never
/// depends on which records were decoded together.
class json_format : public format {
public:
  constexpr json_format() noexcept = default;

  [[nodiscard]] std::string_view name() const noexcept override;
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema& of) const override;
  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema& of) const override;
};

/// The format to name in a pipeline: `kafka::source<transaction>("transactions", json)`.
inline constinit const json_format json{};

} // namespace leat
