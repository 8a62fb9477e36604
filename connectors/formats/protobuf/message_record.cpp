#include <leat/connectors/formats/protobuf/message_record.hpp>

#include <leat/base/bytes.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/formats/protobuf/message_bytes.hpp>
#include <leat/connectors/formats/protobuf/message_definition.hpp>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace leat {

void detail::encode_message(byte_writer& to, const google::protobuf::Message& value) {
  std::string bytes;
  append_message(value, bytes);
  to.text(bytes);
}

/// Also one without its required fields, as `encode_message` writes it.
void detail::decode_message(byte_reader& from, google::protobuf::Message& value) {
  const auto bytes = from.text();
  if (!value.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw state_error{fmt::format(
      "a saved message `{}` cannot be read: {}", value.GetTypeName(), message_fault{}.find(*value.GetDescriptor(), bytes))};
}

/// By its bytes, which are counted in a tenth of the time that a look at every object takes.
std::size_t detail::message_footprint(const google::protobuf::Message& value) noexcept {
  constexpr std::size_t objects_per_byte = 3;
  return objects_per_byte * value.ByteSizeLong();
}

std::string detail::name_of_class(const google::protobuf::Message& value) { return value.GetDescriptor()->full_name(); }

std::string detail::definition_of_class(const google::protobuf::Message& value) {
  return definition_of(*value.GetDescriptor());
}

std::string detail::clash_of_class(const google::protobuf::Message& value, std::string_view stored_definition) {
  return clash_with(stored_definition, *value.GetDescriptor());
}

} // namespace leat
