#pragma once

// The templates behind `schema_of`: from Boost.Describe to the run-time table. Include schema.hpp.

#include <leat/base/decimal.hpp>
#include <leat/base/described_struct.hpp>
#include <leat/base/foreign_record.hpp>
#include <leat/base/schema.hpp>
#include <leat/base/time.hpp>

#include <optional>
#include <type_traits>

namespace leat {
namespace schema_detail {

template <class M>
inline constexpr bool is_optional = false;
template <class V>
inline constexpr bool is_optional<std::optional<V>> = true;

template <class M>
inline constexpr bool is_list = false;
template <class E, class A>
inline constexpr bool is_list<std::vector<E, A>> = true;

template <class M>
inline constexpr bool is_number = std::is_floating_point_v<M> ? std::is_same_v<M, float> || std::is_same_v<M, double>
                                                              : std::is_integral_v<M> && sizeof(M) <= 8;

// Character types are integral, but whether a `char` is meant as a number or as text nobody can tell.
template <class M>
inline constexpr bool is_character = std::is_same_v<M, char> || std::is_same_v<M, wchar_t> || std::is_same_v<M, char8_t> ||
                                     std::is_same_v<M, char16_t> || std::is_same_v<M, char32_t>;

template <class T, class Descriptor>
using member_type = std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>;

/// Whether no record among `M` and its members is one of `Outer`, the records around it.
template <class M, class... Outer>
constexpr bool is_finite() {
  if constexpr (is_optional<M> || is_list<M>) {
    return is_finite<typename M::value_type, Outer...>();
  } else if constexpr (described_struct<M>) {
    if constexpr ((std::is_same_v<M, Outer> || ...))
      return false;
    else
      return []<template <class...> class List, class... D>(List<D...>) {
        return (is_finite<member_type<M, D>, M, Outer...>() && ...);
      }(described_members<M>{});
  } else {
    return true;
  }
}

template <class M>
constexpr field_kind integer_kind() {
  constexpr auto first = std::is_signed_v<M> ? field_kind::int8 : field_kind::uint8;
  constexpr int log2 = sizeof(M) == 1 ? 0 : sizeof(M) == 2 ? 1 : sizeof(M) == 4 ? 2 : 3;
  return static_cast<field_kind>(static_cast<int>(first) + log2);
}

// The integer under an enum; `enum : char` and `enum : bool` have one too.
template <class E>
using underlying_integer = typename std::conditional_t<
  std::is_same_v<std::underlying_type_t<E>, bool>, std::type_identity<std::uint8_t>,
  std::conditional_t<std::is_signed_v<std::underlying_type_t<E>>, std::make_signed<E>, std::make_unsigned<E>>>::type;

template <class O>
inline constexpr optional_access optional_access_of{
  [](const field_type&, const void* o) noexcept -> const void* {
    const auto& value = *static_cast<const O*>(o);
    return value ? &*value : nullptr;
  },
  [](const field_type&, void* o) -> void* {
    auto& value = *static_cast<O*>(o);
    return value ? &*value : &value.emplace();
  },
  [](const field_type&, void* o) noexcept { static_cast<O*>(o)->reset(); },
};

template <class L>
inline constexpr list_access list_access_of{
  [](const field_type&, const void* l) noexcept { return static_cast<const L*>(l)->size(); },
  [](const field_type&, void* l, std::size_t count) { static_cast<L*>(l)->resize(count); },
  [](const field_type&, const void* l) noexcept -> void* {
    return const_cast<typename L::value_type*>(static_cast<const L*>(l)->data());
  },
};

template <class E>
const enumeration_type& enumeration_of() {
  static const enumeration_type names = [] {
    enumeration_type made;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto descriptor) {
      made.names.push_back({descriptor.name, static_cast<std::int64_t>(descriptor.value)});
    });
    return made;
  }();
  return names;
}

template <class M>
field_type make_field_type() {
  field_type made;
  made.size = sizeof(M);
  if constexpr (std::is_same_v<M, bool>) {
    made.kind = field_kind::boolean;
  } else if constexpr (is_character<M>) {
    static_assert(
      !sizeof(M), "a record, or a member of one, is of a character type: use std::string for text and "
                  "std::int8_t or std::uint8_t for numbers");
  } else if constexpr (std::is_same_v<M, float>) {
    made.kind = field_kind::float32;
  } else if constexpr (std::is_same_v<M, double>) {
    made.kind = field_kind::float64;
  } else if constexpr (is_number<M>) {
    made.kind = integer_kind<M>();
  } else if constexpr (std::is_same_v<M, std::string>) {
    made.kind = field_kind::string;
  } else if constexpr (std::is_same_v<M, decimal>) {
    made.kind = field_kind::decimal;
  } else if constexpr (std::is_same_v<M, timestamp>) {
    made.kind = field_kind::timestamp_millis;
  } else if constexpr (std::is_enum_v<M>) {
    static_assert(
      boost::describe::has_describe_enumerators<M>::value,
      "a record, or a member of one, is of an enum without description: add BOOST_DESCRIBE_ENUM(type, names...) after it");
    made.kind = field_kind::enumeration;
    made.element = &field_type_of<schema_detail::underlying_integer<M>>();
    made.enumeration = &enumeration_of<M>();
  } else if constexpr (is_optional<M>) {
    static_assert(
      !is_optional<typename M::value_type>, "a record, or a member of one, is an optional of an optional, "
                                            "which no format can tell from an optional");
    made.kind = field_kind::optional;
    made.element = &field_type_of<typename M::value_type>();
    made.optional = &optional_access_of<M>;
  } else if constexpr (is_list<M>) {
    static_assert(
      !std::is_same_v<typename M::value_type, bool>, "a record, or a member of one, is a std::vector<bool>, "
                                                     "whose bits have no address: use "
                                                     "std::vector<std::uint8_t>");
    made.kind = field_kind::list;
    made.element = &field_type_of<typename M::value_type>();
    made.list = &list_access_of<M>;
  } else if constexpr (described_struct<M>) {
    made.kind = field_kind::record;
    made.record = &schema_of<M>();
  } else {
    static_assert(
      !sizeof(M), "a record, or a member of one, has a type that no format can hold: use a bool, an integer, "
                  "a float, a double, leat::decimal, std::string, leat::timestamp, a struct with "
                  "BOOST_DESCRIBE_STRUCT, an enum with BOOST_DESCRIBE_ENUM, or a std::optional or std::vector of these");
  }
  return made;
}

/// `T` out of what the compiler calls a function instantiated with it.
[[nodiscard]] std::string type_name(std::string_view pretty_function);

template <class T>
constexpr std::string_view pretty_function() {
  return __PRETTY_FUNCTION__;
}

} // namespace schema_detail

/// Whether connectors can read and write records of `T`.
template <class T>
concept record_type = described_struct<T> || has_foreign_record<T>;

/// Whether `M` may be a value of a record by itself, its members not looked at: all but structs without a description.
template <class M>
concept field_value =
  described_struct<M> || !std::is_class_v<M> || std::is_same_v<M, std::string> || std::is_same_v<M, decimal> ||
  std::is_same_v<M, timestamp> || schema_detail::is_optional<M> || schema_detail::is_list<M>;

template <class M>
const field_type& field_type_of() {
  static const field_type type = schema_detail::make_field_type<M>();
  return type;
}

template <class T>
const schema& schema_of() {
  detail::expect_message_header<T>();
  static_assert(
    record_type<T>, "this record type has no description: add BOOST_DESCRIBE_STRUCT(type, "
                    "(bases...), (members...)) after it, in its own namespace");
  if constexpr (has_foreign_record<T>) {
    return foreign_record<T>::schema();
  } else if constexpr (described_struct<T>) {
    static_assert(
      std::is_default_constructible_v<T>, "a record type needs a default constructor: records are decoded "
                                          "into slots that exist before their bytes have been seen");
    static_assert(schema_detail::is_finite<T>(), "a record type contains itself, directly or by its members");
    static const schema made = [] {
      const T probe{}; // a live object: offsets come from addresses of its members, not from a null pointer
      std::vector<field> fields;
      boost::mp11::mp_for_each<described_members<T>>([&](auto descriptor) {
        const auto& member = probe.*descriptor.pointer;
        const auto offset = reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&probe);
        fields.push_back(
          {descriptor.name, static_cast<std::size_t>(offset), &field_type_of<std::remove_cvref_t<decltype(member)>>()});
      });
      return schema{schema_detail::type_name(schema_detail::pretty_function<T>()), sizeof(T), std::move(fields)};
    }();
    return made;
  }
}

} // namespace leat
