#pragma once

#include <leat/base/described_struct.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/time.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

namespace leat {

/// Appends a value as a person reads it: text in quotes, `{member: value, …}` for described structs, `[…]` for containers,
/// `{key: value, …}` for maps, spans of time with their unit, `none` for an empty optional. A type that wants another form
/// has a member `void print(std::string& to) const`; one with an `encode` of its own, or nothing but it, is shown by its
/// saved bytes.
template <class T>
void print_value(std::string& to, const T& value);

/// What `encoded` made of a value, as a person reads the value.
/// @throws state_error when the bytes are no `T`.
template <class T>
[[nodiscard]] std::string decoded_text(std::string_view bytes) {
  std::string text;
  print_value(text, decoded<T>(bytes));
  return text;
}

/// Bytes of which nothing is known: `0x1fe2`.
void print_bytes(std::string& to, std::string_view bytes);

namespace detail {

void print_text(std::string& to, std::string_view text);
void print_number(std::string& to, std::int64_t n);
void print_number(std::string& to, std::uint64_t n);
void print_number(std::string& to, float n);
void print_number(std::string& to, double n);

/// `7us`: a span of time of `count` units, each `num / den` seconds.
void print_span(std::string& to, std::string_view count, std::intmax_t num, std::intmax_t den);

/// Puts `parts` one behind the other with commas between them.
void print_list(std::string& to, const std::vector<std::string>& parts, char open, char close);

template <class T>
concept prints_itself = requires(const T& value, std::string& to) {
  value.print(to);
};

template <class T>
concept map_container = encoded_container<T> && requires {
  typename T::mapped_type;
};

template <class T>
std::string text_of(const T& value) {
  std::string text;
  print_value(text, value);
  return text;
}

template <class T>
void print_container(std::string& to, const T& all) {
  std::vector<std::string> parts;
  for (const auto& element : all)
    if constexpr (map_container<T>)
      parts.push_back(text_of(element.first) + ": " + text_of(element.second));
    else
      parts.push_back(text_of(static_cast<const typename T::value_type&>(element)));
  if constexpr (hashed_container<T>)
    std::sort(parts.begin(), parts.end());
  print_list(to, parts, map_container<T> ? '{' : '[', map_container<T> ? '}' : ']');
}

template <class E>
void print_enum(std::string& to, E value) {
  const char* name = nullptr;
  if constexpr (boost::describe::has_describe_enumerators<E>::value)
    name = boost::describe::enum_to_string(value, nullptr);
  if (name)
    to += name;
  else
    print_value(to, static_cast<std::underlying_type_t<E>>(value));
}

template <class T>
void print_members(std::string& to, const T& value) {
  std::vector<std::string> parts;
  boost::mp11::mp_for_each<described_members<T>>(
    [&](auto member) { parts.push_back(std::string{member.name} + ": " + text_of(value.*member.pointer)); });
  print_list(to, parts, '{', '}');
}

} // namespace detail

template <class T>
void print_value(std::string& to, const T& value) {
  if constexpr (detail::prints_itself<T>) {
    value.print(to);
  } else if constexpr (detail::encodes_itself<T>) {
    print_bytes(to, encoded(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    to += value ? "true" : "false";
  } else if constexpr (std::is_floating_point_v<T>) {
    detail::print_number(to, static_cast<std::conditional_t<std::is_same_v<T, float>, float, double>>(value));
  } else if constexpr (std::is_enum_v<T>) {
    detail::print_enum(to, value);
  } else if constexpr (std::unsigned_integral<T>) {
    detail::print_number(to, static_cast<std::uint64_t>(value));
  } else if constexpr (std::signed_integral<T>) {
    detail::print_number(to, static_cast<std::int64_t>(value));
  } else if constexpr (std::is_same_v<T, timestamp>) {
    to += format_timestamp(value);
  } else if constexpr (std::is_same_v<T, duration>) {
    to += format_duration(value);
  } else if constexpr (detail::is_duration<T>::value) {
    detail::print_span(to, detail::text_of(value.count()), T::period::num, T::period::den);
  } else if constexpr (std::is_same_v<T, std::string>) {
    detail::print_text(to, value);
  } else if constexpr (detail::is_optional<T>::value) {
    value ? print_value(to, *value) : void(to += "none");
  } else if constexpr (detail::is_variant<T>::value) {
    std::visit([&](const auto& v) { print_value(to, v); }, value);
  } else if constexpr (detail::encoded_container<T>) {
    detail::print_container(to, value);
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    const auto parts =
      std::apply([](const auto&... part) { return std::vector<std::string>{detail::text_of(part)...}; }, value);
    detail::print_list(to, parts, '(', ')');
  } else if constexpr (described_struct<T>) {
    detail::print_members(to, value);
  } else {
    print_bytes(to, encoded(value));
  }
}

} // namespace leat
