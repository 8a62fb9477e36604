#pragma once

#include <leat/base/bytes.hpp>
#include <leat/base/described_struct.hpp>
#include <leat/base/foreign_record.hpp>
#include <leat/base/time.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace leat {

/// How values are saved: what state is written in and read from. Structs are saved member by member in the order of their
/// `BOOST_DESCRIBE_STRUCT`, containers with their size before them; those without an order in the order of their elements'
/// bytes, so that equal values have equal bytes. A type that is neither has members
///
///     void encode(byte_writer&) const
///     void decode(byte_reader&)        // into a value made by default
///
/// or, where its class is made by somebody else, a `foreign_record`.
template <class T>
void encode(byte_writer& to, const T& value);

/// @throws state_error when the bytes are no `T`.
template <class T>
void decode(byte_reader& from, T& value);

namespace detail {

template <class T>
concept encodes_itself = requires(const T& saved, T& loaded, byte_writer& w, byte_reader& r) {
  saved.encode(w);
  loaded.decode(r);
};

template <class T>
concept encoded_container = requires(T& c) {
  typename T::value_type;
  c.begin();
  c.end();
  c.size();
  c.clear();
};

template <class T>
concept hashed_container = encoded_container<T> && requires {
  typename T::hasher;
};

template <class T>
struct is_optional : std::false_type {};
template <class V>
struct is_optional<std::optional<V>> : std::true_type {};

template <class T>
struct is_variant : std::false_type {};
template <class... V>
struct is_variant<std::variant<V...>> : std::true_type {};

template <class T>
struct is_duration : std::false_type {};
template <class Rep, class Period>
struct is_duration<std::chrono::duration<Rep, Period>> : std::true_type {};

/// The element of a container without the const of a map's key, so that it can be read into.
template <class V>
struct loaded_element {
  using type = V;
};
template <class K, class V>
struct loaded_element<std::pair<const K, V>> {
  using type = std::pair<K, V>;
};

template <class Hashed>
void encode_sorted(byte_writer& to, const Hashed& elements) {
  std::vector<std::string> encoded;
  encoded.reserve(elements.size());
  for (const auto& element : elements) {
    byte_writer bytes{encoded.emplace_back()};
    encode(bytes, element);
  }
  std::sort(encoded.begin(), encoded.end());
  for (const auto& bytes : encoded)
    to.raw(bytes);
}

template <class Integer, class Wide>
Integer fitting(Wide n) {
  if (!std::in_range<Integer>(n))
    throw state_error{"a saved number does not fit its type, which has become smaller: keep the type it was saved with"};
  return static_cast<Integer>(n);
}

template <class... V>
void decode_variant(byte_reader& from, std::variant<V...>& value) {
  const auto index = from.unsigned_number();
  bool found = false;
  std::size_t i = 0;
  (void)((i++ == index ? (decode(from, value.template emplace<V>()), found = true) : false) || ...);
  if (!found)
    throw state_error{
      "a saved variant has an alternative that there is not: the saved state is damaged, or of another type"};
}

} // namespace detail

template <class T>
void encode(byte_writer& to, const T& value) {
  detail::expect_message_header<T>();
  if constexpr (has_foreign_record<T>) {
    foreign_record<T>::encode(to, value);
  } else if constexpr (detail::encodes_itself<T>) {
    value.encode(to);
  } else if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T>) {
    to.fixed(value);
  } else if constexpr (std::is_enum_v<T>) {
    encode(to, static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::unsigned_integral<T>) {
    to.unsigned_number(value);
  } else if constexpr (std::signed_integral<T>) {
    to.signed_number(value);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    to.signed_number(to_millis(value));
  } else if constexpr (detail::is_duration<T>::value) {
    to.signed_number(value.count());
  } else if constexpr (std::is_same_v<T, std::string>) {
    to.text(value);
  } else if constexpr (detail::is_optional<T>::value) {
    to.fixed(value.has_value());
    if (value)
      encode(to, *value);
  } else if constexpr (detail::is_variant<T>::value) {
    to.unsigned_number(value.index());
    std::visit([&](const auto& v) { encode(to, v); }, value);
  } else if constexpr (detail::encoded_container<T>) {
    to.unsigned_number(value.size());
    if constexpr (detail::hashed_container<T>)
      detail::encode_sorted(to, value);
    else
      for (const auto& element : value)
        encode(to, static_cast<const typename T::value_type&>(element));
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    std::apply([&](const auto&... parts) { (encode(to, parts), ...); }, value);
  } else if constexpr (described_struct<T>) {
    boost::mp11::mp_for_each<described_members<T>>([&](auto member) { encode(to, value.*member.pointer); });
  } else {
    static_assert(
      std::is_empty_v<T>, "what is kept in state has to be saved: describe the type with BOOST_DESCRIBE_STRUCT(T, "
                          "(), (members…)), or give it encode and decode (leat/base/encoding.hpp)");
  }
}

template <class T>
void decode(byte_reader& from, T& value) {
  detail::expect_message_header<T>();
  if constexpr (has_foreign_record<T>) {
    foreign_record<T>::decode(from, value);
  } else if constexpr (detail::encodes_itself<T>) {
    value.decode(from);
  } else if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T>) {
    value = from.fixed<T>();
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    decode(from, number);
    value = static_cast<T>(number);
  } else if constexpr (std::unsigned_integral<T>) {
    value = detail::fitting<T>(from.unsigned_number());
  } else if constexpr (std::signed_integral<T>) {
    value = detail::fitting<T>(from.signed_number());
  } else if constexpr (std::is_same_v<T, timestamp>) {
    value = from_millis(from.signed_number());
  } else if constexpr (detail::is_duration<T>::value) {
    value = T{static_cast<typename T::rep>(from.signed_number())};
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = from.text();
  } else if constexpr (detail::is_optional<T>::value) {
    value.reset();
    if (from.fixed<bool>())
      decode(from, value.emplace());
  } else if constexpr (detail::is_variant<T>::value) {
    detail::decode_variant(from, value);
  } else if constexpr (detail::encoded_container<T>) {
    value.clear();
    for (auto left = from.size(); left != 0; --left) {
      typename detail::loaded_element<typename T::value_type>::type element{};
      decode(from, element);
      value.insert(value.end(), std::move(element));
    }
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    std::apply([&](auto&... parts) { (decode(from, parts), ...); }, value);
  } else if constexpr (described_struct<T>) {
    boost::mp11::mp_for_each<described_members<T>>([&](auto member) { decode(from, value.*member.pointer); });
  } else {
    static_assert(
      std::is_empty_v<T>, "what is kept in state has to be saved: describe the type with BOOST_DESCRIBE_STRUCT(T, "
                          "(), (members…)), or give it encode and decode (leat/base/encoding.hpp)");
  }
}

/// The bytes of a value.
template <class T>
[[nodiscard]] std::string encoded(const T& value) {
  std::string bytes;
  byte_writer to{bytes};
  encode(to, value);
  return bytes;
}

/// The value that `bytes` are, all of them.
/// @throws state_error when they are no `T`.
template <class T>
[[nodiscard]] T decoded(std::string_view bytes) {
  T value{};
  byte_reader from{bytes};
  decode(from, value);
  from.expect_end();
  return value;
}

} // namespace leat
