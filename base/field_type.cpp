#include <leat/base/field_type.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

namespace leat {

// Integers are read and written as their low bytes.
static_assert(std::endian::native == std::endian::little);

namespace {

template <class I>
std::int64_t load(const void* from) noexcept {
  I value;
  std::memcpy(&value, from, sizeof value);
  return static_cast<std::int64_t>(value);
}

std::size_t integer_size(field_kind kind) noexcept {
  switch (kind) {
  case field_kind::int64:
  case field_kind::uint64:
    return 8;
  case field_kind::int32:
  case field_kind::uint32:
    return 4;
  case field_kind::int16:
  case field_kind::uint16:
    return 2;
  default:
    return 1;
  }
}

} // namespace

std::string_view to_string(field_kind kind) noexcept {
  constexpr std::string_view names[] = {
    "boolean",     "int8",     "int16",   "int32",   "int64",  "uint8",   "uint16",
    "uint32",      "uint64",   "float32", "float64", "string", "decimal", "timestamp_millis",
    "enumeration", "optional", "list",    "record"};
  static_assert(std::size(names) == static_cast<std::size_t>(field_kind::record) + 1);
  return names[static_cast<std::size_t>(kind)];
}

const enumerator* enumeration_type::find(std::int64_t value) const noexcept {
  const auto found = std::find_if(names.begin(), names.end(), [&](const enumerator& e) { return e.value == value; });
  return found == names.end() ? nullptr : &*found;
}

const enumerator* enumeration_type::find(std::string_view name) const noexcept {
  const auto found = std::find_if(names.begin(), names.end(), [&](const enumerator& e) { return e.name == name; });
  return found == names.end() ? nullptr : &*found;
}

std::int64_t load_integer(field_kind kind, const void* from) noexcept {
  switch (kind) {
  case field_kind::int64:
  case field_kind::uint64:
    return load<std::int64_t>(from);
  case field_kind::int32:
    return load<std::int32_t>(from);
  case field_kind::uint32:
    return load<std::uint32_t>(from);
  case field_kind::int16:
    return load<std::int16_t>(from);
  case field_kind::uint16:
    return load<std::uint16_t>(from);
  case field_kind::int8:
    return load<std::int8_t>(from);
  default:
    return load<std::uint8_t>(from);
  }
}

void store_integer(field_kind kind, void* to, std::int64_t value) noexcept {
  switch (integer_size(kind)) {
  case 8:
    std::memcpy(to, &value, 8);
    break;
  case 4:
    std::memcpy(to, &value, 4);
    break;
  case 2:
    std::memcpy(to, &value, 2);
    break;
  default:
    std::memcpy(to, &value, 1);
  }
}

} // namespace leat
