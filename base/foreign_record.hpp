#pragma once

#include <cstddef>
#include <type_traits>

namespace google::protobuf {
class Message;
} // namespace google::protobuf

namespace leat {

/// What Leat has to know of a record type that nobody can describe, because a generator or a library has made the class. The header
/// of the format that such records are in specializes it; messages of Protobuf are the only ones so far.
///
///     static const leat::schema& schema();                          // what `schema_of` returns
///     static constexpr encoded_type type;                           // what `encoded_type_of` returns
///     static void encode(byte_writer&, const T&);
///     static void decode(byte_reader&, T&);                         // throws state_error
///     static std::size_t heap_footprint(const T&) noexcept;
template <class T>
struct foreign_record;

/// Whether there is such a specialization.
template <class T>
concept has_foreign_record = requires {
  sizeof(foreign_record<T>);
};

namespace detail {

template <class T>
constexpr bool is_generated_message() {
  if constexpr (std::is_class_v<T> && requires { sizeof(T); })
    return std::is_base_of_v<google::protobuf::Message, T>;
  else
    return false;
}

} // namespace detail

/// Whether `T` is a class that Protobuf's compiler has made.
template <class T>
concept generated_message = detail::is_generated_message<T>();

namespace detail {

/// To be instantiated before `T` is taken for an ordinary type: two files of a program must not see it differently.
template <class T>
consteval void expect_message_header() {
  static_assert(
    !generated_message<T> || has_foreign_record<T>,
    "this record type is a class of Protobuf's: include <leat/connectors/formats/protobuf.hpp> before it is used");
}

} // namespace detail

} // namespace leat
