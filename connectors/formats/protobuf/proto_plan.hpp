#pragma once

#include <leat/base/schema.hpp>

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// How a value of Protobuf becomes one of Leat, and back.
enum class proto_way : std::uint8_t {
  boolean,
  whole,   ///< int32, int64, uint32, uint64: a number
  folded,  ///< sint32, sint64
  fixed32, ///< fixed32, sfixed32
  fixed64, ///< fixed64, sfixed64
  real32,
  real64,
  widened_real, ///< a float, as double
  text,         ///< must be UTF-8
  bytes,
  decimal, ///< text with a number
  stamp,   ///< google.protobuf.Timestamp
  enumeration,
  record,
};

struct proto_record_plan;

/// How one field of a message is read and written.
struct proto_field_plan {
  const google::protobuf::FieldDescriptor* wire = nullptr;
  const field* of = nullptr;
  const field_type* value = nullptr; ///< of the field, of the optional's value or of the list's element
  proto_way how = proto_way::whole;
  bool is_unsigned = false; ///< uint32, uint64, fixed32, fixed64
  bool is_narrow = false;   ///< of 32 bits
  const proto_record_plan* record = nullptr;
  std::vector<std::pair<std::int32_t, std::int64_t>> values{}; ///< of an enumeration: Protobuf's number, Leat's
  std::vector<const field*> rivals{};                          ///< others of the same oneof
};

/// How records of one schema are read from messages of one type, and written as such: fields are found by their names.
struct proto_record_plan {
  const schema* of = nullptr;
  const google::protobuf::Descriptor* message = nullptr;
  std::vector<proto_field_plan> fields{};   ///< in the order of their numbers
  std::vector<std::int32_t> required{};     ///< numbers of fields that have to be there
  std::vector<const field*> absent{};       ///< optionals that the message does not have
  mutable std::vector<std::uint8_t> seen{}; ///< by place in `fields`, of the record that is being read

  /// The place of a field; `fields.size()` when there is none.
  [[nodiscard]] std::size_t find(std::int32_t number) const noexcept;
};

/// The plan for a schema and all that is in it; both types outlive it. For one reader or writer.
class proto_plan {
public:
  /// @param writes whether every field of the record has to have a place.
  /// @throws pipeline_error saying which field has none, or cannot be of its type.
  proto_plan(const google::protobuf::Descriptor& message, const schema& of, bool writes);

  [[nodiscard]] const proto_record_plan& root() const noexcept { return records_.front(); }

private:
  class planner;

  std::deque<proto_record_plan> records_; // places stay
};

} // namespace leat
