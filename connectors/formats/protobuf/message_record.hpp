#pragma once

#include <leat/base/encoded/encoded_type.hpp>
#include <leat/base/foreign_record.hpp>
#include <leat/base/schema.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace leat {

class byte_reader;
class byte_writer;

namespace detail {

// In state a message is its size and its bytes, maps in the order of their keys, so that equal messages have equal bytes.
void encode_message(byte_writer& to, const google::protobuf::Message& value);
void decode_message(byte_reader& from, google::protobuf::Message& value);

[[nodiscard]] std::size_t message_footprint(const google::protobuf::Message& value) noexcept;

// See `message_class`, of the class of this object.
[[nodiscard]] std::string name_of_class(const google::protobuf::Message& value);
[[nodiscard]] std::string definition_of_class(const google::protobuf::Message& value);
[[nodiscard]] std::string clash_of_class(const google::protobuf::Message& value, std::string_view stored_definition);

template <class T>
inline constexpr message_access message_access_of{
  [](void* record) noexcept -> google::protobuf::Message& { return *static_cast<T*>(record); },
  [](const void* record) noexcept -> const google::protobuf::Message& { return *static_cast<const T*>(record); },
  []() -> const google::protobuf::Message& { return T::default_instance(); },
};

template <class T>
inline constexpr message_class message_class_of{
  []() -> const std::string& {
    static const std::string name = name_of_class(T::default_instance());
    return name;
  },
  []() -> const std::string& {
    static const std::string definition = definition_of_class(T::default_instance());
    return definition;
  },
  [](std::string_view stored) { return clash_of_class(T::default_instance(), stored); },
};

} // namespace detail

/// Classes that Protobuf's compiler has made are records, and values of keyed state: `kafka::source<shop::Order>("orders", protobuf)`.
template <generated_message T>
struct foreign_record<T> {
  static constexpr encoded_type type{.kind = encoded_kind::message, .message = &detail::message_class_of<T>};

  static const leat::schema& schema() {
    static const leat::schema made{detail::name_of_class(T::default_instance()), sizeof(T), &detail::message_access_of<T>};
    return made;
  }

  static void encode(byte_writer& to, const T& value) { detail::encode_message(to, value); }
  static void decode(byte_reader& from, T& value) { detail::decode_message(from, value); }
  static std::size_t heap_footprint(const T& value) noexcept { return detail::message_footprint(value); }
};

} // namespace leat
