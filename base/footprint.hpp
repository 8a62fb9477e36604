#pragma once

#include <leat/base/described_struct.hpp>
#include <leat/base/foreign_record.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace leat {

namespace detail {

template <class T>
concept optional_value = requires(const T& value) {
  typename T::value_type;
  value.has_value();
  *value;
};

template <class T>
concept container_value = requires(const T& value) {
  typename T::value_type;
  value.begin();
  value.end();
  value.size();
};

} // namespace detail

/// What a value takes in memory, in bytes: its own size and what it owns on the heap.
///
/// Batches are bounded in bytes as well as in records (a bound in records alone lets 1,024 records of 10 MB into one
/// batch), so every record is weighed once. For types that own nothing this is a constant the compiler folds.
/// Strings count by size, not by capacity: a recycled slot may hold a larger buffer than its record needs.
template <class T>
constexpr std::size_t heap_footprint(const T& value) noexcept {
  detail::expect_message_header<T>();
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    return 0;
  } else if constexpr (has_foreign_record<T>) {
    return foreign_record<T>::heap_footprint(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value.size();
  } else if constexpr (detail::optional_value<T>) {
    return value ? heap_footprint(*value) : 0;
  } else if constexpr (detail::container_value<T>) {
    std::size_t sum = value.size() * sizeof(typename T::value_type);
    if constexpr (!std::is_trivially_copyable_v<typename T::value_type>)
      for (const auto& element : value)
        sum += heap_footprint(element);
    return sum;
  } else if constexpr (described_struct<T>) {
    std::size_t sum = 0;
    boost::mp11::mp_for_each<described_members<T>>([&](auto member) { sum += heap_footprint(value.*member.pointer); });
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

/// Whether every value of `T` has the same footprint, because it owns nothing that grows.
template <class T>
consteval bool has_fixed_footprint() {
  detail::expect_message_header<T>();
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    return true;
  } else if constexpr (has_foreign_record<T>) {
    return false;
  } else if constexpr (detail::optional_value<T>) {
    return has_fixed_footprint<typename T::value_type>();
  } else if constexpr (detail::container_value<T>) { // std::string among them
    return false;
  } else if constexpr (described_struct<T>) {
    bool fixed = true;
    boost::mp11::mp_for_each<described_members<T>>([&](auto member) {
      fixed = fixed && has_fixed_footprint<std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>>();
    });
    return fixed;
  } else {
    return true;
  }
}

} // namespace leat
