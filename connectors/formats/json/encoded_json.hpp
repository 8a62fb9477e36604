#pragma once

#include <leat/base/bytes.hpp>
#include <leat/base/encoded/encoded_type.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>

#include <string>
#include <string_view>

namespace leat {

/// Writes an encoded value as JSON, whatever its type; nothing is rounded, and nothing is left out:
///
///     integers       numbers, all digits, also of 64 bits
///     floats         the shortest number that reads back as the same; "NaN", "Infinity", "-Infinity"
///     text           a string; bytes that are no UTF-8 as {"$bytes": "fffe"}, as a key of a map "$bytes:fffe"
///     timestamps     ISO-8601 with milliseconds, UTC; "-inf" and "+inf" for the ends of time; numbers of milliseconds outside
///                    of the years 0 to 9999
///     durations      a string with its unit: "250ms", "1min"
///     enums          the name; the number of one that has none
///     optionals      null, or the value
///     lists, sets    arrays; so are tuples
///     maps           an object when keys are text or an enum's names, otherwise an array of [key, value]
///     variants       {"index": 1, "value": …}
///     expiring       the value; {"value": …, "until": …} when it ends
///     messages       objects, by Protobuf's own rules for JSON, with fields named as in the .proto file
///     opaque         {"$bytes": …}, as what is of no known type; `nothing` is null
///
/// @param type null: not known.
/// @throws state_error when the bytes are of another type, see base/encoded/encoded_value.hpp. What was written then is of no use.
void write_json(json_writer& to, const encoded_type& type, byte_reader& from);

/// The same for all of `bytes`.
void write_json(json_writer& to, const encoded_type* type, std::string_view bytes);

// Text, bytes that are none, keys of maps and floats as above.
void write_json_text(json_writer& to, std::string_view text);
void write_json_bytes(json_writer& to, std::string_view bytes);
void write_json_key(json_writer& to, std::string_view text);
void write_json_number(json_writer& to, double value);
void write_json_number(json_writer& to, float value);

/// The bytes of a value that a person wrote: JSON as above. Text, timestamps, durations and names of enumerators may stand
/// without quotes when they are all there is; timestamps may be numbers of milliseconds. Decimals with
/// a point stand in quotes inside of other values. Sets, maps, variants, expiring and opaque values and messages cannot be
/// written.
/// @throws config_error that says what was expected.
[[nodiscard]] std::string encoded_from_json(const encoded_type& type, std::string_view text);

} // namespace leat
