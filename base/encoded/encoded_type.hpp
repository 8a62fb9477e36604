#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace leat {

class byte_reader;
class byte_writer;

/// What encoded bytes are; the bytes themselves are those of `byte_writer`.
enum class encoded_kind : std::uint8_t {
  nothing,         ///< no bytes: an empty type without a description
  boolean,         ///< a byte, 0 or 1
  unsigned_number, ///< an integer of `size` bytes, written as a number
  signed_number,   ///< the same with a sign
  floating,        ///< `size` bytes as they are
  decimal,         ///< how many digits are behind the point, and the number without a point, a signed one
  text,            ///< its size and its bytes
  timestamp,       ///< milliseconds since the epoch, a signed number
  duration,        ///< how many of its units, a signed number
  enumeration,     ///< what its underlying type, the first part, is
  optional,        ///< a boolean, and then the part or nothing
  list,            ///< a size, and then the part as often
  set,             ///< the same, with elements that are keys
  map,             ///< the same, with two parts: keys and values
  tuple,           ///< all parts
  record,          ///< all parts, which have names
  variant,         ///< an index, an unsigned number, and then that part
  expiring,        ///< the part and a timestamp: a value until a time, `max_timestamp` for ever
  message,         ///< a message of Protobuf: its size and its bytes
  any_message,     ///< a message that says of which type it is: its name, its definition and its bytes, each a text
  opaque,          ///< what a type writes that encodes itself and does not say as what
};

/// What the classes of a program say of a type of messages; made at the first call. The library that knows messages is not known here.
struct message_class {
  const std::string& (*name)(); ///< with its package: "shop.Order"
  const std::string& (
    *definition)(); ///< what the message and all that is in it consist of, as ASCII; see `message_definition`

  /// Why messages of another definition cannot be read as such ones, for a person; empty: they can.
  /// @throws state_error when that is no definition.
  std::string (*clash)(std::string_view stored_definition);
};

/// How the bytes are to be read that `encode` (encoding.hpp) made of a type of C++: a tree of plain data. What a program has
/// now is in static tables, see `encoded_type_of`; what a program had that saved state is read from text, see
/// `parse_encoded_type`. Both can be printed, compared and converted (encoded_value.hpp, type_change.hpp).
///
/// Names of structs are no part of it, those of members are. A type may contain itself.
struct encoded_type {
  /// A member, an alternative, an element.
  struct part {
    std::string_view name{}; ///< of a record's member
    const encoded_type* type = nullptr;
  };

  /// One of the values of an enum that have a name.
  struct enumerator {
    std::string_view name;
    std::int64_t number;
  };

  encoded_kind kind = encoded_kind::nothing;
  std::uint8_t size = 0; ///< of an integer or float, in bytes
  bool hashed = false;   ///< a set or map whose order is that of the elements' bytes
  std::int64_t num = 0;  ///< a duration's unit is `num / den` seconds
  std::int64_t den = 0;
  std::span<const part> parts{};
  std::span<const enumerator> enumerators{};
  std::string_view name{};       ///< of an opaque type, or of a message that was read from text
  std::string_view definition{}; ///< of a message that was read from text

  // What only the program that has the type knows; null otherwise.

  void (*write_default)(byte_writer&) = nullptr; ///< of a record or opaque type: encodes a value made by default
  void (*skip)(byte_reader&) = nullptr;          ///< of an opaque type: reads a value and forgets it
  const message_class* message = nullptr;        ///< of a message

  [[nodiscard]] const encoded_type& element() const noexcept { return *parts.front().type; }
};

/// The type as text, in a manifest and for a person: `{user: text, total: float64, seen: [timestamp]}`. The grammar is that of
/// docs/formats/encoded_types.md.
[[nodiscard]] std::string type_text(const encoded_type& type);

/// The same for a person: without the definitions of messages, which are long. `parse_encoded_type` does not read it.
[[nodiscard]] std::string shown_type_text(const encoded_type& type);

/// The name of a message, whoever says it.
[[nodiscard]] std::string_view message_name(const encoded_type& message);

/// Its definition; see `message_class`.
[[nodiscard]] std::string_view message_definition(const encoded_type& message);

/// The type that `type_text` wrote; it owns all its parts.
/// @throws state_error when the text is anything else.
[[nodiscard]] std::shared_ptr<const encoded_type> parse_encoded_type(std::string_view text);

/// A unit of durations that has a name.
struct time_unit {
  std::int64_t num, den; ///< so many seconds
  std::string_view name;
};

inline constexpr time_unit time_units[] = {{1, 1'000'000'000, "ns"}, {1, 1'000'000, "us"}, {1, 1'000, "ms"}, {1, 1, "s"},
                                           {60, 1, "min"},           {3'600, 1, "h"},      {86'400, 1, "d"}};

/// The unit of a duration: `ms`; as the standard library has it where it has no name, `[1/30]s`.
[[nodiscard]] std::string unit_text(std::int64_t num, std::int64_t den);

} // namespace leat
