#pragma once

#include <boost/describe.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace leat {

/// What a value takes in memory, in bytes: its own size and what it owns on the heap.
///
/// Batches are bounded in bytes as well as in records (a bound in records alone lets 1,024 records of 10 MB into one
/// batch), so every record is weighed once. For types that own nothing this is a constant the compiler folds.
/// Strings count by size, not by capacity: a recycled slot may hold a larger buffer than its record needs.
template <class T>
constexpr std::size_t heap_footprint(const T& value) noexcept {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    return 0;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value.size();
  } else if constexpr (requires {
                         typename T::value_type;
                         value.has_value();
                         *value;
                       }) {
    return value ? heap_footprint(*value) : 0;
  } else if constexpr (requires {
                         typename T::value_type;
                         value.begin();
                         value.end();
                         value.size();
                       }) {
    std::size_t sum = value.size() * sizeof(typename T::value_type);
    if constexpr (!std::is_trivially_copyable_v<typename T::value_type>)
      for (const auto& element : value)
        sum += heap_footprint(element);
    return sum;
  } else if constexpr (boost::describe::has_describe_members<T>::value) {
    std::size_t sum = 0;
    boost::mp11::mp_for_each<
      boost::describe::describe_members<T, boost::describe::mod_any_access | boost::describe::mod_inherited>>(
      [&](auto member) { sum += heap_footprint(value.*member.pointer); });
    return sum;
  } else {
    return 0;
  }
}

/// The whole of it: `sizeof` and the heap.
template <class T>
constexpr std::size_t footprint(const T& value) noexcept {
  return sizeof(T) + heap_footprint(value);
}

} // namespace leat
