#pragma once

#include <leat/base/decimal.hpp>
#include <leat/base/encoded/encoded_type.hpp>
#include <leat/base/encoding.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace leat {

/// As what `encode` writes a `T`; built by the compiler, once.
///
/// A type with an `encode` of its own is opaque unless it says of which type its bytes are:
///
///     using encoded_as = std::vector<entry>;
///
/// A described struct may say so as well, when it is to be shown as what is in it.
template <class T>
constexpr const encoded_type& encoded_type_of();

/// For `encoded_as`: the bytes of a `V` and of the timestamp until which it is good.
template <class V>
struct value_until;

namespace detail {

template <class T>
constexpr encoded_type make_encoded_type();

template <class T>
inline constexpr encoded_type encoded_type_table = make_encoded_type<T>();

// One more than there are, as an array cannot be empty.
template <class... Part>
inline constexpr encoded_type::part encoded_parts[sizeof...(Part) + 1] = {{{}, &encoded_type_table<Part>}..., {}};

template <class... Part>
constexpr std::span<const encoded_type::part> parts_of() {
  return {encoded_parts<Part...>, sizeof...(Part)};
}

template <class Tuple, std::size_t... I>
constexpr std::span<const encoded_type::part> tuple_parts(std::index_sequence<I...>) {
  return parts_of<std::tuple_element_t<I, Tuple>...>();
}

template <class... V>
constexpr std::span<const encoded_type::part> variant_parts(const std::variant<V...>*) {
  return parts_of<V...>();
}

template <class T, class Member>
using encoded_member = std::remove_cvref_t<decltype(std::declval<T&>().*Member::pointer)>;

template <class T, class Members>
struct encoded_members;
template <class T, template <class...> class List, class... Member>
struct encoded_members<T, List<Member...>> {
  static constexpr encoded_type::part parts[sizeof...(Member) + 1] = {
    {Member::name, &encoded_type_table<encoded_member<T, Member>>}..., {}};
  static constexpr std::size_t size = sizeof...(Member);
};

template <class Enumerators>
struct encoded_enumerators;
template <template <class...> class List, class... Value>
struct encoded_enumerators<List<Value...>> {
  static constexpr encoded_type::enumerator all[sizeof...(Value) + 1] = {
    {Value::name, static_cast<std::int64_t>(Value::value)}..., {}};
  static constexpr std::size_t size = sizeof...(Value);
};

template <class T>
void encode_default(byte_writer& to) {
  encode(to, T{});
}

template <class T>
void decode_past(byte_reader& from) {
  T value{};
  decode(from, value);
}

/// What the compiler calls `T`.
template <class T>
constexpr std::string_view encoded_type_name() {
  constexpr std::string_view marker = "T = ";
  std::string_view name = __PRETTY_FUNCTION__;
  name.remove_prefix(name.find(marker) + marker.size());
  return name.substr(0, name.find_last_of(";]", name.find("; std::string_view")));
}

template <class T>
constexpr auto default_writer() -> void (*)(byte_writer&) {
  if constexpr (std::is_default_constructible_v<T>)
    return encode_default<T>;
  else
    return nullptr;
}

template <class T>
struct is_value_until : std::false_type {};
template <class V>
struct is_value_until<value_until<V>> : std::true_type {
  using value_type = V;
};

template <class T>
constexpr encoded_type container_type() {
  constexpr bool hashed = hashed_container<T>;
  if constexpr (requires { typename T::mapped_type; })
    return {
      .kind = encoded_kind::map, .hashed = hashed, .parts = parts_of<typename T::key_type, typename T::mapped_type>()};
  else if constexpr (requires { typename T::key_type; })
    return {.kind = encoded_kind::set, .hashed = hashed, .parts = parts_of<typename T::value_type>()};
  else
    return {.kind = encoded_kind::list, .parts = parts_of<typename T::value_type>()};
}

template <class E>
constexpr encoded_type enum_type() {
  encoded_type type{.kind = encoded_kind::enumeration, .parts = parts_of<std::underlying_type_t<E>>()};
  if constexpr (boost::describe::has_describe_enumerators<E>::value) {
    using names = encoded_enumerators<boost::describe::describe_enumerators<E>>;
    type.enumerators = {names::all, names::size};
  }
  return type;
}

template <class T>
constexpr encoded_type record_type() {
  using members = encoded_members<T, described_members<T>>;
  return {.kind = encoded_kind::record, .parts = {members::parts, members::size}, .write_default = default_writer<T>()};
}

// In the order in which `encode` looks at a type.
template <class T>
constexpr encoded_type make_encoded_type() {
  if constexpr (has_foreign_record<T>) {
    return foreign_record<T>::type;
  } else if constexpr (requires { typename T::encoded_as; }) {
    return encoded_type_table<typename T::encoded_as>;
  } else if constexpr (is_value_until<T>::value) {
    return {.kind = encoded_kind::expiring, .parts = parts_of<typename is_value_until<T>::value_type>()};
  } else if constexpr (std::is_same_v<T, decimal>) {
    return {.kind = encoded_kind::decimal};
  } else if constexpr (encodes_itself<T>) {
    return {
      .kind = encoded_kind::opaque,
      .name = encoded_type_name<T>(),
      .write_default = default_writer<T>(),
      .skip = decode_past<T>};
  } else if constexpr (std::is_same_v<T, bool>) {
    return {.kind = encoded_kind::boolean};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {.kind = encoded_kind::floating, .size = sizeof(T)};
  } else if constexpr (std::is_enum_v<T>) {
    return enum_type<T>();
  } else if constexpr (std::is_unsigned_v<T>) {
    return {.kind = encoded_kind::unsigned_number, .size = sizeof(T)};
  } else if constexpr (std::is_integral_v<T>) {
    return {.kind = encoded_kind::signed_number, .size = sizeof(T)};
  } else if constexpr (std::is_same_v<T, timestamp>) {
    return {.kind = encoded_kind::timestamp};
  } else if constexpr (is_duration<T>::value) {
    return {.kind = encoded_kind::duration, .num = T::period::num, .den = T::period::den};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {.kind = encoded_kind::text};
  } else if constexpr (is_optional<T>::value) {
    return {.kind = encoded_kind::optional, .parts = parts_of<typename T::value_type>()};
  } else if constexpr (is_variant<T>::value) {
    return {.kind = encoded_kind::variant, .parts = variant_parts(static_cast<const T*>(nullptr))};
  } else if constexpr (encoded_container<T>) {
    return container_type<T>();
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    return {.kind = encoded_kind::tuple, .parts = tuple_parts<T>(std::make_index_sequence<std::tuple_size_v<T>>{})};
  } else if constexpr (described_struct<T>) {
    return record_type<T>();
  } else {
    static_assert(std::is_empty_v<T>, "what is kept in state has to be saved: see leat/base/encoding.hpp");
    return {};
  }
}

} // namespace detail

template <class T>
constexpr const encoded_type& encoded_type_of() {
  return detail::encoded_type_table<std::remove_cv_t<T>>;
}

} // namespace leat
