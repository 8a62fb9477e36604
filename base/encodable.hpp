#pragma once

#include <leat/base/encoding.hpp>

namespace leat {

namespace detail {

template <class T, class... Around>
constexpr bool can_encode();

template <class... Around>
struct encodable_parts {
  template <class... Part>
  static constexpr bool all(const std::variant<Part...>*) {
    return (can_encode<Part, Around...>() && ...);
  }
  template <class Tuple, std::size_t... I>
  static constexpr bool tuple(std::index_sequence<I...>) {
    return (can_encode<std::tuple_element_t<I, Tuple>, Around...>() && ...);
  }
};

template <class T, class Members, class... Around>
struct encodable_members;
template <class T, template <class...> class List, class... Member, class... Around>
struct encodable_members<T, List<Member...>, Around...> {
  static constexpr bool value =
    (can_encode<std::remove_cvref_t<decltype(std::declval<T&>().*Member::pointer)>, Around...>() && ...);
};

/// @tparam Around the types that it is a part of: one of them may be part of itself.
template <class T, class... Around>
constexpr bool can_encode() {
  expect_message_header<T>();
  using parts = encodable_parts<T, Around...>;
  if constexpr ((std::is_same_v<T, Around> || ...) || encodes_itself<T> || std::is_arithmetic_v<T> || std::is_enum_v<T>)
    return true;
  else if constexpr (has_foreign_record<T>)
    return true;
  else if constexpr (std::is_same_v<T, timestamp> || is_duration<T>::value || std::is_same_v<T, std::string>)
    return true;
  else if constexpr (is_optional<T>::value)
    return can_encode<typename T::value_type, T, Around...>();
  else if constexpr (is_variant<T>::value)
    return parts::all(static_cast<const T*>(nullptr));
  else if constexpr (encoded_container<T>)
    return can_encode<typename loaded_element<typename T::value_type>::type, T, Around...>();
  else if constexpr (requires { std::tuple_size<T>::value; })
    return parts::template tuple<T>(std::make_index_sequence<std::tuple_size_v<T>>{});
  else if constexpr (described_struct<T>)
    return encodable_members<T, described_members<T>, T, Around...>::value;
  else
    return std::is_empty_v<T>;
}

} // namespace detail

/// Whether `encode` and `decode` take a `T`, with all that is in it.
template <class T>
inline constexpr bool encodable = detail::can_encode<T>();

} // namespace leat
