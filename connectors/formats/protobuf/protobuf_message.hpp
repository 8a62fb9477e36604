#pragma once

#include <leat/base/encoded/encoded_type.hpp>
#include <leat/base/foreign_record.hpp>
#include <leat/base/schema.hpp>
#include <leat/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace leat {

class byte_reader;
class byte_writer;
class message_type;

/// A message of Protobuf of a type that the program learns at run time; see `dynamic_protobuf_format`. A value: copies are of their own.
///
/// Fields are read by their names in the .proto file; `customer.address.city` goes through messages. One that is not set is its
/// default. All of these throw std::invalid_argument that says what there is when there is no such field, or it is of another kind.
class protobuf_message {
public:
  /// Of no type, with no fields.
  protobuf_message() noexcept;
  explicit protobuf_message(const message_type& of);
  ~protobuf_message();
  protobuf_message(const protobuf_message& other);
  protobuf_message(protobuf_message&& other) noexcept;
  protobuf_message& operator=(const protobuf_message& other);
  protobuf_message& operator=(protobuf_message&& other) noexcept;

  /// The full name: "shop.Order"; empty: none.
  [[nodiscard]] std::string type() const;

  /// Whether a field is set; of one without presence, whether it is not its default. Lists: whether they have elements.
  [[nodiscard]] bool has(std::string_view field) const;

  [[nodiscard]] std::string text(std::string_view field) const;     ///< a string, bytes, or the name of an enum's value
  [[nodiscard]] double number(std::string_view field) const;        ///< any number, rounded to the nearest double
  [[nodiscard]] std::int64_t integer(std::string_view field) const; ///< a whole number that fits
  [[nodiscard]] bool boolean(std::string_view field) const;
  [[nodiscard]] timestamp time(std::string_view field) const; ///< a google.protobuf.Timestamp, cut to the millisecond

  /// All of it, by Protobuf's rules for JSON; fields are named as in the .proto file.
  [[nodiscard]] std::string json() const;

  /// For what is not here (lists, maps, changes): the library's own object, with its reflection. Null: of no type.
  [[nodiscard]] const google::protobuf::Message* get() const noexcept { return message_.get(); }
  [[nodiscard]] google::protobuf::Message* get() noexcept { return message_.get(); }

  /// Becomes one of this type; what was allocated is used again.
  void become(const message_type& of);

  // How it is saved: with its type, since there is no class that knows it.
  void encode(byte_writer& to) const;
  void decode(byte_reader& from);

private:
  const message_type* type_ = nullptr; // for ever
  std::unique_ptr<google::protobuf::Message> message_;
};

template <>
struct foreign_record<protobuf_message> {
  static constexpr encoded_type type{.kind = encoded_kind::any_message};

  static const leat::schema& schema();
  static void encode(byte_writer& to, const protobuf_message& value) { value.encode(to); }
  static void decode(byte_reader& from, protobuf_message& value) { value.decode(from); }
  static std::size_t heap_footprint(const protobuf_message& value) noexcept;
};

} // namespace leat
