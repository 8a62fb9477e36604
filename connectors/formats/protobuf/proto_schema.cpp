#include <leat/connectors/formats/protobuf/proto_schema.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/dotted_name.hpp>
#include <leat/connectors/formats/protobuf/message_definition.hpp>
#include <leat/connectors/formats/protobuf/proto_file.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <set>

namespace leat {
namespace {

namespace pb = google::protobuf;

/// Keeps the first complaint.
class first_error : public pb::DescriptorPool::ErrorCollector {
public:
  void AddError(
    const std::string&, const std::string& element, const pb::Message*, ErrorLocation,
    const std::string& message) override {
    if (text_.empty())
      text_ = fmt::format("{}: {}", element, message);
  }

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
  std::string text_;
};

/// The name of the file that a schema is in: of no importance, but it has to have one.
constexpr auto file_name = "leat.proto";

/// Makes messages from record types.
class message_writer {
public:
  explicit message_writer(pb::FileDescriptorProto& to) : file_{to} {}

  std::string write(const schema& of) {
    const auto full = dotted_name(of.name());
    const auto dot = full.rfind('.');
    if (file_.message_type().empty() && dot != std::string::npos)
      file_.set_package(full.substr(0, dot));
    auto name = full.substr(dot == std::string::npos ? 0 : dot + 1);
    if (written_.contains(&of))
      return name;
    written_.insert(&of);
    if (!names_.insert(name).second)
      throw pipeline_error{fmt::format("two record types named `{}` are in one message of Protobuf: rename one", name)};
    const auto place = file_.message_type_size();
    file_.add_message_type()->set_name(name);
    int number = 0;
    for (const auto& f : of.fields())
      field(place, f, ++number, fmt::format("field `{}` of record `{}`", f.name, of.name()));
    return name;
  }

private:
  void field(int message, const leat::field& f, int number, const std::string& where) {
    pb::FieldDescriptorProto made;
    made.set_name(f.name);
    made.set_number(number);
    made.set_label(pb::FieldDescriptorProto::LABEL_OPTIONAL);
    const auto* type = f.type;
    if (type->kind == field_kind::list) {
      made.set_label(pb::FieldDescriptorProto::LABEL_REPEATED);
      type = type->element;
    } else if (type->kind == field_kind::optional) {
      made.set_proto3_optional(true);
      type = type->element;
    }
    if (type->kind == field_kind::list || type->kind == field_kind::optional)
      throw pipeline_error{fmt::format(
        "{} is `{}<{}>`, which has no form in Protobuf: put the inner one into a struct", where, to_string(f.type->kind),
        to_string(type->kind))};
    set_type(made, message, *type, f.name);
    auto& to = *file_.mutable_message_type(message);
    if (made.proto3_optional()) { // as the compiler does it
      made.set_oneof_index(to.oneof_decl_size());
      to.add_oneof_decl()->set_name("_" + f.name);
    }
    *to.add_field() = std::move(made);
  }

  void set_type(pb::FieldDescriptorProto& to, int message, const field_type& t, const std::string& name) {
    using kind = pb::FieldDescriptorProto;
    switch (t.kind) {
    case field_kind::boolean:
      return to.set_type(kind::TYPE_BOOL);
    case field_kind::float32:
      return to.set_type(kind::TYPE_FLOAT);
    case field_kind::float64:
      return to.set_type(kind::TYPE_DOUBLE);
    case field_kind::string:
    case field_kind::decimal:
      return to.set_type(kind::TYPE_STRING);
    case field_kind::int64:
      return to.set_type(kind::TYPE_INT64);
    case field_kind::uint64:
      return to.set_type(kind::TYPE_UINT64);
    case field_kind::uint8:
    case field_kind::uint16:
    case field_kind::uint32:
      return to.set_type(kind::TYPE_UINT32);
    case field_kind::timestamp_millis:
      use_timestamps();
      to.set_type(kind::TYPE_MESSAGE);
      return to.set_type_name(".google.protobuf.Timestamp");
    case field_kind::enumeration:
      to.set_type(kind::TYPE_ENUM);
      return to.set_type_name(enumeration(message, t, name));
    case field_kind::record: {
      to.set_type(kind::TYPE_MESSAGE);
      const auto inner = write(*t.record);
      return to.set_type_name(file_.package().empty() ? "." + inner : fmt::format(".{}.{}", file_.package(), inner));
    }
    default:
      return to.set_type(kind::TYPE_INT32);
    }
  }

  void use_timestamps() {
    const auto& path = pb::Timestamp::descriptor()->file()->name();
    if (std::ranges::find(file_.dependency(), path) == file_.dependency().end())
      file_.add_dependency(path);
  }

  /// Inside of the message, in one of its own, as values of different enums may have one name. The first value of an enum is 0 in
  /// Protobuf: one is added where there is none.
  std::string enumeration(int message, const field_type& t, const std::string& field_name) {
    auto& in = *file_.mutable_message_type(message);
    auto& around = *in.add_nested_type();
    around.set_name(field_name + "_enum");
    auto& made = *around.add_enum_type();
    made.set_name("values");
    const auto add = [&](const std::string& name, std::int64_t number) {
      if (number != static_cast<std::int32_t>(number))
        throw pipeline_error{fmt::format("the value {} of an enum, `{}`, has no place in Protobuf", name, number)};
      auto& value = *made.add_value();
      value.set_name(name);
      value.set_number(static_cast<std::int32_t>(number));
    };
    const auto* const zero = t.enumeration->find(std::int64_t{0});
    add(zero ? zero->name : field_name + "_unspecified", 0);
    std::set<std::int64_t> numbers{0};
    for (const auto& e : t.enumeration->names) {
      if (&e == zero)
        continue;
      if (!numbers.insert(e.value).second)
        made.mutable_options()->set_allow_alias(true);
      add(e.name, e.value);
    }
    return fmt::format(
      "{}{}.{}.{}", file_.package().empty() ? "." : fmt::format(".{}.", file_.package()), in.name(), around.name(),
      made.name());
  }

  pb::FileDescriptorProto& file_;
  std::set<const schema*> written_;
  std::set<std::string> names_;
};

const pb::Descriptor& message_in(const pb::FileDescriptor& file, std::span<const int> place) {
  constexpr int first[] = {0};
  const pb::Descriptor* found = nullptr;
  for (const auto next : place.empty() ? std::span{first} : place) {
    const auto count = found ? found->nested_type_count() : file.message_type_count();
    if (next < 0 || next >= count)
      throw config_error{fmt::format("the .proto file has no message at the place {}", fmt::join(place, "."))};
    found = found ? found->nested_type(next) : file.message_type(next);
  }
  return *found;
}

} // namespace

proto_schema::proto_schema() : pool_{std::make_unique<pb::DescriptorPool>(pb::DescriptorPool::generated_pool())} {
  (void)pb::Timestamp::descriptor(); // so that it is among the generated ones
}

const pb::FileDescriptor& proto_schema::add_file(const std::string& path, std::string_view text) {
  const pb::LogSilencer quiet; // of files that do not name their syntax
  first_error wrong;
  const auto* const built = pool_->BuildFileCollectingErrors(proto_file(path, text), &wrong);
  if (!built)
    throw config_error{fmt::format("the .proto file: {}", wrong.text())};
  return *built;
}

std::shared_ptr<const proto_schema> proto_schema::parse(std::string_view text, std::string_view message) {
  std::shared_ptr<proto_schema> made{new proto_schema};
  const auto& file = made->add_file(file_name, text);
  if (!message.empty())
    made->message_ = made->pool_->FindMessageTypeByName(std::string{message});
  else if (file.message_type_count() > 0)
    made->message_ = file.message_type(0);
  if (!made->message_)
    throw config_error{
      fmt::format("the .proto file has no message {}", message.empty() ? "at all" : fmt::format("`{}`", message))};
  return made;
}

std::shared_ptr<const proto_schema> proto_schema::parse(const writer_schema& written) {
  std::shared_ptr<proto_schema> made{new proto_schema};
  for (const auto& other : written.beside)
    made->add_file(other.name, other.text);
  made->message_ = &message_in(made->add_file(file_name, written.text), written.message);
  return made;
}

const pb::Descriptor& proto_schema::message_at(std::span<const int> place) const {
  return message_in(*message_->file(), place);
}

std::vector<int> place_of(const pb::Descriptor& message) {
  std::vector<int> found;
  for (const auto* m = &message; m; m = m->containing_type())
    found.insert(found.begin(), m->index());
  return found;
}

std::shared_ptr<const proto_schema> proto_schema::of(const schema& record) {
  if (record.message()) {
    std::shared_ptr<proto_schema> made{new proto_schema};
    made->message_ = record.message()->default_instance().GetDescriptor();
    return made;
  }
  pb::FileDescriptorProto file;
  file.set_name(file_name);
  file.set_syntax("proto3");
  message_writer{file}.write(record);
  first_error wrong;
  std::shared_ptr<proto_schema> made{new proto_schema};
  const auto* const built = made->pool_->BuildFileCollectingErrors(file, &wrong);
  if (!built)
    throw pipeline_error{fmt::format("record `{}` as a message of Protobuf: {}", record.name(), wrong.text())};
  made->message_ = built->message_type(0);
  return made;
}

std::string text_of_file(const pb::Descriptor& message) {
  const auto& file = *message.file();
  for (int i = 0; i < file.dependency_count(); ++i)
    if (!is_file_of_library(file.dependency(i)->name()))
      throw pipeline_error{fmt::format(
        "the message `{}` cannot be registered: its file {} imports {}, and only what comes with Protobuf may be imported. "
        "Put the "
        "messages into one file",
        message.full_name(), file.name(), file.dependency(i)->name())};
  auto text = file.DebugString();
  while (text.ends_with("\n\n"))
    text.pop_back();
  return text;
}

} // namespace leat
