#include <leat/connectors/formats/protobuf/message_definition.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/protobuf/message_bytes.hpp>
#include <leat/connectors/formats/protobuf/message_type.hpp>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/stubs/logging.h>

#include <iterator>
#include <set>
#include <utility>

namespace leat {
namespace {

namespace pb = google::protobuf;

void add_files(pb::FileDescriptorSet& to, const pb::FileDescriptor& file, std::set<const pb::FileDescriptor*>& added) {
  if (is_file_of_library(file.name()) || !added.insert(&file).second)
    return;
  for (int i = 0; i < file.dependency_count(); ++i)
    add_files(to, *file.dependency(i), added);
  file.CopyTo(to.add_file());
}

/// Types of one group have the same bytes for values that both have.
int wire_group(pb::FieldDescriptor::Type type) {
  using field = pb::FieldDescriptor;
  switch (type) {
  case field::TYPE_INT32:
  case field::TYPE_INT64:
  case field::TYPE_UINT32:
  case field::TYPE_UINT64:
  case field::TYPE_BOOL:
  case field::TYPE_ENUM:
    return field::TYPE_INT64;
  case field::TYPE_SINT32:
  case field::TYPE_SINT64:
    return field::TYPE_SINT64;
  case field::TYPE_FIXED32:
  case field::TYPE_SFIXED32:
    return field::TYPE_FIXED32;
  case field::TYPE_FIXED64:
  case field::TYPE_SFIXED64:
    return field::TYPE_FIXED64;
  case field::TYPE_STRING:
  case field::TYPE_BYTES:
    return field::TYPE_BYTES;
  default:
    return type;
  }
}

class definition_comparison {
public:
  std::string clash(const pb::Descriptor& written, const pb::Descriptor& now, const std::string& path) {
    if (!seen_.insert({&written, &now}).second)
      return {};
    for (int i = 0; i < now.field_count(); ++i) {
      const auto& is = *now.field(i);
      const auto* const was = written.FindFieldByNumber(is.number());
      if (!was)
        continue;
      const auto here = path + is.name();
      const bool fits = wire_group(was->type()) == wire_group(is.type()) && (is.is_repeated() || !was->is_repeated());
      if (!fits)
        return fmt::format("field {} (`{}`) was {}, is now {}", is.number(), here, shown(*was), shown(is));
      if (is.type() == pb::FieldDescriptor::TYPE_MESSAGE || is.type() == pb::FieldDescriptor::TYPE_GROUP)
        if (auto inner = clash(*was->message_type(), *is.message_type(), here + '.'); !inner.empty())
          return inner;
    }
    return {};
  }

private:
  static std::string shown(const pb::FieldDescriptor& f) {
    return fmt::format("{}{}", f.is_repeated() ? "repeated " : "", f.type_name());
  }

  std::set<std::pair<const pb::Descriptor*, const pb::Descriptor*>> seen_;
};

} // namespace

bool is_file_of_library(std::string_view path) noexcept { return path.starts_with("google/protobuf/"); }

std::string definition_of(const pb::Descriptor& message) {
  pb::FileDescriptorSet files;
  std::set<const pb::FileDescriptor*> added;
  add_files(files, *message.file(), added);
  std::string bytes, digits;
  append_message(files, bytes);
  for (const auto c : bytes)
    fmt::format_to(std::back_inserter(digits), "{:02x}", static_cast<unsigned char>(c));
  return digits;
}

std::string clash_between(const pb::Descriptor& written, const pb::Descriptor& now) {
  return definition_comparison{}.clash(written, now, {});
}

void expect_readable(const pb::Descriptor& written, const pb::Descriptor& now) {
  if (written.full_name() != now.full_name())
    throw config_error{fmt::format("the message is `{}`, not `{}`", written.full_name(), now.full_name())};
  if (const auto why = clash_between(written, now); !why.empty())
    throw config_error{fmt::format("the message `{}` cannot be read: {}", now.full_name(), why)};
}

std::string clash_with(std::string_view stored_definition, const pb::Descriptor& now) {
  return clash_between(message_type::of(stored_definition, now.full_name()).message(), now);
}

std::string message_in_json(std::string_view definition, std::string_view message_name, std::string_view bytes) {
  const pb::LogSilencer quiet;
  const auto read = message_type::of(definition, message_name).make();
  if (!read->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw state_error{fmt::format(
      "a saved message `{}` cannot be read: {}", message_name, message_fault{}.find(*read->GetDescriptor(), bytes))};
  std::string text;
  return message_to_json(*read, text) ? text : std::string{};
}

} // namespace leat
