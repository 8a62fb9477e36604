#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

class schema;

/// The kinds of values a field can hold. Every codec handles all of them.
enum class field_kind : std::uint8_t {
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
  string,           ///< `std::string`
  decimal,          ///< `leat::decimal`
  timestamp_millis, ///< `leat::timestamp`
  enumeration,      ///< an enum with `BOOST_DESCRIBE_ENUM`
  optional,         ///< `std::optional` of any other kind
  list,             ///< `std::vector`
  record,           ///< a struct with `BOOST_DESCRIBE_STRUCT`
};

/// "int32", "enumeration", …
[[nodiscard]] std::string_view to_string(field_kind kind) noexcept;

/// One name of an enumeration and the value it stands for; values of unsigned enums are converted bit by bit.
struct enumerator {
  std::string name;
  std::int64_t value = 0;
};

/// The names of an enum in the order of their description.
struct enumeration_type {
  std::vector<enumerator> names;

  /// The first name of a value; null for a value without a name.
  [[nodiscard]] const enumerator* find(std::int64_t value) const noexcept;

  /// The enumerator of this name; null when there is none.
  [[nodiscard]] const enumerator* find(std::string_view name) const noexcept;
};

struct field_type;

/// How an optional is reached without knowing its C++ type. Every function gets the type it belongs to, so that one
/// function can serve types made at run time.
struct optional_access {
  /// The value; null when there is none.
  const void* (*get)(const field_type& self, const void* optional) noexcept;

  /// The present value, stale as it is, or else a new one. Keeps the buffers of the present one.
  void* (*emplace)(const field_type& self, void* optional);

  void (*reset)(const field_type& self, void* optional) noexcept;
};

/// How a list is reached without knowing its C++ type. Elements lie `element->size` bytes apart from `data` on.
struct list_access {
  std::size_t (*size)(const field_type& self, const void* list) noexcept;

  /// Keeps the elements up to `count`, stale as they are, so that they keep their buffers; adds or drops the rest.
  /// Growing one by one takes amortized constant time.
  void (*resize)(const field_type& self, void* list, std::size_t count);

  /// The first element; null is possible for an empty list. Valid until the next `resize`. The elements may be changed
  /// when the list may.
  void* (*data)(const field_type& self, const void* list) noexcept;
};

/// The type of a field, of an optional's value or of a list's element.
///
/// Immutable once built. Types of described structs live for ever; whoever builds types at run time keeps them alive
/// for as long as the schemas that use them.
struct field_type {
  field_kind kind = field_kind::boolean;

  /// Bytes of one value: `sizeof`.
  std::size_t size = 0;

  /// `optional`: the value's type. `list`: the element's type. `enumeration`: the integer underneath. Otherwise null.
  const field_type* element = nullptr;

  const enumeration_type* enumeration = nullptr; ///< of kind `enumeration`
  const optional_access* optional = nullptr;     ///< of kind `optional`
  const list_access* list = nullptr;             ///< of kind `list`
  const schema* record = nullptr;                ///< of kind `record`
};

/// Whether the kind is one of the eight integer kinds.
[[nodiscard]] constexpr bool is_integer(field_kind kind) noexcept {
  return kind >= field_kind::int8 && kind <= field_kind::uint64;
}

/// Reads an integer of kind `kind`; `uint64` is converted bit by bit.
[[nodiscard]] std::int64_t load_integer(field_kind kind, const void* from) noexcept;

/// Writes the low bytes of `value` as an integer of kind `kind`.
void store_integer(field_kind kind, void* to, std::int64_t value) noexcept;

} // namespace leat
