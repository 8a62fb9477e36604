#pragma once

#include <leat/base/field_type.hpp>

#include <boost/describe.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace google::protobuf {
class Message;
} // namespace google::protobuf

namespace leat {

/// One field of a record.
struct field {
  std::string name;
  std::size_t offset = 0; ///< bytes from the start of the record
  const field_type* type = nullptr;

  [[nodiscard]] const void* in(const void* record) const noexcept { return static_cast<const char*>(record) + offset; }
  [[nodiscard]] void* in(void* record) const noexcept { return static_cast<char*>(record) + offset; }
};

/// How records are reached that are objects of a class of Protobuf's.
struct message_access {
  google::protobuf::Message& (*in)(void* record) noexcept;
  const google::protobuf::Message& (*in_const)(const void* record) noexcept;
  const google::protobuf::Message& (*default_instance)(); ///< knows the type
};

/// The fields of a record type as a table: what JSON, CSV, state encoding and SQL columns are made from.
///
/// One `BOOST_DESCRIBE_STRUCT` line per type makes the table (see `schema_of`). Codecs are ordinary `.cpp` files that
/// walk it and reach values by offset, so a user's file instantiates no parser and each format is written once. The
/// same class describes rows known only at run time: build the fields, with offsets into the row, by hand.
///
/// Immutable; any thread.
class schema {
public:
  /// @param size bytes of one record.
  /// @throws pipeline_error when two fields have one name, or a field lies outside the record.
  schema(std::string name, std::size_t size, std::vector<field> fields);

  /// Of messages of Protobuf: what is in them only formats know that know messages.
  /// @param how null: messages of a type that is known at run time only.
  schema(std::string name, std::size_t size, const message_access* how);

  schema(const schema&) = delete;
  schema& operator=(const schema&) = delete;

  /// The type's C++ name with its namespace: "shop::transaction".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Bytes of one record: `sizeof`.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// The fields in the order of their description, those of base classes first.
  /// @throws pipeline_error when records are messages of Protobuf, whose fields have no place that could be told.
  [[nodiscard]] const std::vector<field>& fields() const {
    if (is_message_)
      refuse_fields();
    return fields_;
  }

  /// Null: records are no objects of a class of Protobuf's.
  [[nodiscard]] const message_access* message() const noexcept { return message_; }

  /// The field of this name; null when there is none.
  [[nodiscard]] const field* find(std::string_view field_name) const noexcept;

private:
  [[noreturn]] void refuse_fields() const;

  std::string name_;
  std::size_t size_;
  std::vector<field> fields_;
  bool is_message_ = false;
  const message_access* message_ = nullptr;
};

/// The schema of a struct with `BOOST_DESCRIBE_STRUCT`, built at the first call. Thread-safe; the reference is valid
/// for ever. A type without description, or with a member that no format could hold, does not compile.
template <class T>
const schema& schema_of();

/// The type of a value that may be a member of a described struct: a bool, an integer, a float, a double, a
/// `leat::decimal`, a `std::string`, a `leat::timestamp`, a described enum or struct, or a `std::optional` or `std::vector`
/// of these.
template <class M>
const field_type& field_type_of();

} // namespace leat

#include <leat/base/schema_of.hpp>
