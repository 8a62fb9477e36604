#include <leat/connectors/formats/protobuf/protobuf_message.hpp>

#include <leat/base/bytes.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/formats/protobuf/message_bytes.hpp>
#include <leat/connectors/formats/protobuf/message_record.hpp>
#include <leat/connectors/formats/protobuf/message_type.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace leat {
namespace {

namespace pb = google::protobuf;

/// A field, and the message that it is in.
struct found_field {
  const pb::Message& in;
  const pb::FieldDescriptor& field;

  [[nodiscard]] const pb::Reflection& by() const { return *in.GetReflection(); }

  [[noreturn]] void refuse(std::string_view wanted) const {
    throw std::invalid_argument{fmt::format(
      "field `{}` of message `{}` is {}{}, not {}", field.name(), in.GetTypeName(), field.is_repeated() ? "repeated " : "",
      field.type_name(), wanted)};
  }
};

[[noreturn]] void refuse_name(const pb::Message& in, std::string_view name) {
  std::vector<std::string> names;
  for (int i = 0; i < in.GetDescriptor()->field_count(); ++i)
    names.push_back(in.GetDescriptor()->field(i)->name());
  throw std::invalid_argument{
    fmt::format("message `{}` has no field `{}`; it has {}", in.GetTypeName(), name, fmt::join(names, ", "))};
}

found_field find(const pb::Message* in, std::string_view path) {
  if (!in)
    throw std::invalid_argument{fmt::format("a message of no type has no field `{}`", path)};
  for (;;) {
    const auto dot = path.find('.');
    const auto name = path.substr(0, dot);
    const auto* const field = in->GetDescriptor()->FindFieldByName(std::string{name});
    if (!field)
      refuse_name(*in, name);
    if (dot == std::string_view::npos)
      return {*in, *field};
    if (field->is_repeated() || field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE)
      found_field{*in, *field}.refuse("a message");
    in = &in->GetReflection()->GetMessage(*in, field);
    path.remove_prefix(dot + 1);
  }
}

} // namespace

protobuf_message::protobuf_message() noexcept = default;
protobuf_message::~protobuf_message() = default;
protobuf_message::protobuf_message(const message_type& of) { become(of); }
protobuf_message::protobuf_message(const protobuf_message& other) { *this = other; }
protobuf_message::protobuf_message(protobuf_message&& other) noexcept
  : type_{std::exchange(other.type_, nullptr)}, message_{std::move(other.message_)} {}

protobuf_message& protobuf_message::operator=(const protobuf_message& other) {
  if (this == &other)
    return *this;
  if (!other.type_) {
    type_ = nullptr;
    message_.reset();
    return *this;
  }
  become(*other.type_);
  message_->CopyFrom(*other.message_);
  return *this;
}

protobuf_message& protobuf_message::operator=(protobuf_message&& other) noexcept {
  std::swap(type_, other.type_);
  std::swap(message_, other.message_);
  return *this;
}

void protobuf_message::become(const message_type& of) {
  if (type_ != &of)
    message_ = of.make();
  type_ = &of;
}

std::string protobuf_message::type() const { return type_ ? type_->message().full_name() : std::string{}; }

bool protobuf_message::has(std::string_view field) const {
  const auto f = find(message_.get(), field);
  return f.field.is_repeated() ? f.by().FieldSize(f.in, &f.field) > 0 : f.by().HasField(f.in, &f.field);
}

std::string protobuf_message::text(std::string_view field) const {
  const auto f = find(message_.get(), field);
  if (!f.field.is_repeated() && f.field.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING)
    return f.by().GetString(f.in, &f.field);
  if (!f.field.is_repeated() && f.field.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM)
    return f.by().GetEnum(f.in, &f.field)->name();
  f.refuse("a text");
}

double protobuf_message::number(std::string_view field) const {
  const auto f = find(message_.get(), field);
  if (!f.field.is_repeated() && f.field.cpp_type() == pb::FieldDescriptor::CPPTYPE_DOUBLE)
    return f.by().GetDouble(f.in, &f.field);
  if (!f.field.is_repeated() && f.field.cpp_type() == pb::FieldDescriptor::CPPTYPE_FLOAT)
    return f.by().GetFloat(f.in, &f.field);
  if (!f.field.is_repeated() && f.field.cpp_type() == pb::FieldDescriptor::CPPTYPE_UINT64)
    return static_cast<double>(f.by().GetUInt64(f.in, &f.field));
  return static_cast<double>(integer(field));
}

std::int64_t protobuf_message::integer(std::string_view field) const {
  const auto f = find(message_.get(), field);
  if (f.field.is_repeated())
    f.refuse("a number");
  switch (f.field.cpp_type()) {
  case pb::FieldDescriptor::CPPTYPE_INT32:
    return f.by().GetInt32(f.in, &f.field);
  case pb::FieldDescriptor::CPPTYPE_INT64:
    return f.by().GetInt64(f.in, &f.field);
  case pb::FieldDescriptor::CPPTYPE_UINT32:
    return f.by().GetUInt32(f.in, &f.field);
  case pb::FieldDescriptor::CPPTYPE_ENUM:
    return f.by().GetEnumValue(f.in, &f.field);
  case pb::FieldDescriptor::CPPTYPE_UINT64:
    if (const auto n = f.by().GetUInt64(f.in, &f.field); std::in_range<std::int64_t>(n))
      return static_cast<std::int64_t>(n);
    f.refuse("a number below 2^63: read it by number()");
  default:
    f.refuse("a whole number");
  }
}

bool protobuf_message::boolean(std::string_view field) const {
  const auto f = find(message_.get(), field);
  if (f.field.is_repeated() || f.field.cpp_type() != pb::FieldDescriptor::CPPTYPE_BOOL)
    f.refuse("a bool");
  return f.by().GetBool(f.in, &f.field);
}

timestamp protobuf_message::time(std::string_view field) const {
  const auto f = find(message_.get(), field);
  if (
    f.field.is_repeated() || !f.field.message_type() || f.field.message_type()->full_name() != "google.protobuf.Timestamp")
    f.refuse("a google.protobuf.Timestamp");
  const auto& in = f.by().GetMessage(f.in, &f.field);
  const auto seconds = find(&in, "seconds"), nanoseconds = find(&in, "nanos");
  const auto s = in.GetReflection()->GetInt64(in, &seconds.field);
  constexpr std::int64_t first = -62'135'596'800, last = 253'402'300'799; // the years 1 to 9999
  if (s < first || s > last)
    throw std::invalid_argument{fmt::format("field `{}`: {} seconds are no Timestamp", field, s)};
  return from_millis(s * 1'000 + in.GetReflection()->GetInt32(in, &nanoseconds.field) / 1'000'000);
}

std::string protobuf_message::json() const {
  if (!message_)
    return "{}";
  std::string text;
  if (!message_to_json(*message_, text))
    throw std::invalid_argument{fmt::format("a message `{}` {}", type(), text)};
  return text;
}

void protobuf_message::encode(byte_writer& to) const {
  to.text(type());
  to.text(type_ ? type_->definition() : std::string_view{});
  if (type_)
    detail::encode_message(to, *message_);
  else
    to.text({});
}

void protobuf_message::decode(byte_reader& from) {
  const auto name = from.text();
  const auto definition = from.text();
  if (!name.empty()) {
    become(message_type::of(definition, name));
    return detail::decode_message(from, *message_);
  }
  *this = protobuf_message{};
  (void)from.text();
}

const schema& foreign_record<protobuf_message>::schema() {
  static const leat::schema made{"leat::protobuf_message", sizeof(protobuf_message), nullptr};
  return made;
}

std::size_t foreign_record<protobuf_message>::heap_footprint(const protobuf_message& value) noexcept {
  return value.get() ? detail::message_footprint(*value.get()) : 0;
}

} // namespace leat
