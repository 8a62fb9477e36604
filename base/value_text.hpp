#pragma once

#include <leat/base/described_struct.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/time.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
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

/// A value without its type, so that what walks through parts is compiled once.
struct printed_part {
  std::string_view name; ///< of a member; empty: has none
  const void* value;
  void (*print)(std::string& to, const void* value);
};

/// Prints `parts` one behind the other with commas between them.
void print_parts(std::string& to, std::span<const printed_part> parts, char open, char close);

/// Prints elements as they come, with commas between them, or in the order of their texts.
class element_list {
public:
  element_list(std::string& to, char open, bool sorted) : to_{to}, sorted_{sorted} { to_ += open; }

  /// Where the next element is to be printed.
  std::string& next();

  void end(char close);

private:
  std::string& to_;
  bool sorted_;
  std::size_t size_ = 0;
  std::vector<std::string> texts_; // of those to be sorted
};

template <class T>
concept prints_itself = requires(const T& value, std::string& to) {
  value.print(to);
};

template <class T>
concept map_container = encoded_container<T> && requires {
  typename T::mapped_type;
};

template <class T>
printed_part part_of(const T& value, std::string_view name = {}) {
  return {name, &value, [](std::string& to, const void* v) { print_value(to, *static_cast<const T*>(v)); }};
}

template <class T>
void print_container(std::string& to, const T& all) {
  element_list elements{to, map_container<T> ? '{' : '[', hashed_container<T>};
  for (const auto& element : all) {
    auto& text = elements.next();
    if constexpr (map_container<T>) {
      print_value(text, element.first);
      text += ": ";
      print_value(text, element.second);
    } else {
      print_value(text, static_cast<const typename T::value_type&>(element));
    }
  }
  elements.end(map_container<T> ? '}' : ']');
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

template <class T, template <class...> class List, class... Member>
void print_members(std::string& to, const T& value, List<Member...>) {
  const std::array<printed_part, sizeof...(Member)> parts{part_of(value.*Member::pointer, Member::name)...};
  print_parts(to, parts, '{', '}');
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
    std::string count;
    print_value(count, value.count());
    detail::print_span(to, count, T::period::num, T::period::den);
  } else if constexpr (std::is_same_v<T, std::string>) {
    detail::print_text(to, value);
  } else if constexpr (detail::is_optional<T>::value) {
    value ? print_value(to, *value) : void(to += "none");
  } else if constexpr (detail::is_variant<T>::value) {
    std::visit([&](const auto& v) { print_value(to, v); }, value);
  } else if constexpr (detail::encoded_container<T>) {
    detail::print_container(to, value);
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    std::apply(
      [&to](const auto&... part) {
        const std::array<detail::printed_part, sizeof...(part)> parts{detail::part_of(part)...};
        detail::print_parts(to, parts, '(', ')');
      },
      value);
  } else if constexpr (described_struct<T>) {
    detail::print_members(to, value, described_members<T>{});
  } else {
    print_bytes(to, encoded(value));
  }
}

} // namespace leat
