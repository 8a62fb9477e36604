#include <leat/connectors/formats/protobuf/message_bytes.hpp>

#include <leat/base/utf8.hpp>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/json_util.h>

#include <limits>

namespace leat {
namespace {

namespace pb = google::protobuf;

constexpr auto deepest_message = 100; // that of Protobuf's own parsers
constexpr auto no_protobuf = "the message ends too early, or is no Protobuf";

} // namespace

std::string read_message(std::string_view bytes, pb::Message& to) {
  if (bytes.size() > std::numeric_limits<int>::max())
    return "is larger than 2 GB, which no message of Protobuf is";
  if (!to.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    auto why = message_fault{}.find(*to.GetDescriptor(), bytes);
    return why.empty() ? fmt::format("is no message `{}`", to.GetTypeName()) : why;
  }
  if (!to.IsInitialized())
    return fmt::format("required fields are missing: {}", to.InitializationErrorString());
  return {};
}

void append_message(const pb::Message& from, std::string& to) {
  const auto size = from.ByteSizeLong();
  const auto before = to.size();
  to.resize(before + size);
  pb::io::ArrayOutputStream stream{to.data() + before, static_cast<int>(size)};
  pb::io::CodedOutputStream coded{&stream};
  coded.SetSerializationDeterministic(true);
  from.SerializeWithCachedSizes(&coded);
}

bool message_to_json(const pb::Message& from, std::string& to) {
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string bytes;
  append_message(from, bytes);
  if (const auto wrong = message_fault{}.find(*from.GetDescriptor(), bytes);
      !wrong.empty()) { // text that the library would leave out
    to = fmt::format("has no form in JSON: {}", wrong);
    return false;
  }
  to.clear();
  if (const auto status = pb::util::MessageToJsonString(from, &to, options); !status.ok()) {
    to = fmt::format("has no form in JSON: {}", status.message().ToString());
    return false;
  }
  return true;
}

std::string message_fault::find(const pb::Descriptor& type, std::string_view bytes) {
  return message(type, bytes) ? std::string{} : reason();
}

bool message_fault::message(const pb::Descriptor& type, std::string_view bytes) {
  if (++depth_ > deepest_message)
    return refuse(fmt::format("is nested more than {} deep", deepest_message));
  wire_reader from{bytes};
  while (from.left() != 0) {
    std::uint64_t tag = 0;
    if (!from.get_unsigned(tag) || tag > 0xffffffff || tag >> 3 == 0)
      return refuse(no_protobuf);
    const auto* const known = type.FindFieldByNumber(static_cast<int>(tag >> 3));
    if (!field(known, tag, from))
      return known ? within(known->name()) : false;
  }
  --depth_;
  return true;
}

/// @param known null: the message has no such field.
bool message_fault::field(const pb::FieldDescriptor* known, std::uint64_t tag, wire_reader& from) {
  std::uint64_t n = 0;
  std::string_view bytes;
  switch (tag & 7) {
  case 0:
    return from.get_unsigned(n) || refuse(no_protobuf);
  case 1:
    return from.get_bytes(8, bytes) || refuse(no_protobuf);
  case 2:
    break;
  case 3:
    return group(static_cast<std::uint32_t>(tag >> 3), from);
  case 5:
    return from.get_bytes(4, bytes) || refuse(no_protobuf);
  default:
    return refuse(no_protobuf);
  }
  if (!from.get_unsigned(n) || !from.get_bytes(n, bytes))
    return refuse(no_protobuf);
  if (known && known->type() == pb::FieldDescriptor::TYPE_MESSAGE)
    return message(*known->message_type(), bytes);
  const auto wrong =
    known && known->type() == pb::FieldDescriptor::TYPE_STRING ? find_invalid_utf8(bytes) : std::string_view::npos;
  return wrong == std::string_view::npos || refuse(fmt::format("byte {} of the text is not UTF-8", wrong));
}

bool message_fault::group(std::uint32_t number, wire_reader& from) {
  if (++depth_ > deepest_message)
    return refuse(fmt::format("is nested more than {} deep", deepest_message));
  for (std::uint64_t tag = 0; from.get_unsigned(tag) && tag <= 0xffffffff && tag >> 3 != 0;) {
    if ((tag & 7) == 4) {
      --depth_;
      return tag >> 3 == number || refuse(no_protobuf);
    }
    if (!field(nullptr, tag, from))
      return false;
  }
  return refuse(no_protobuf);
}

} // namespace leat
