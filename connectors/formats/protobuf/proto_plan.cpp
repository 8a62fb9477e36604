#include <leat/connectors/formats/protobuf/proto_plan.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace leat {
namespace {

namespace pb = google::protobuf;
using wire_type = pb::FieldDescriptor::Type;

bool is_whole(wire_type t) {
  switch (t) {
  case wire_type::TYPE_INT32:
  case wire_type::TYPE_INT64:
  case wire_type::TYPE_UINT32:
  case wire_type::TYPE_UINT64:
  case wire_type::TYPE_SINT32:
  case wire_type::TYPE_SINT64:
  case wire_type::TYPE_FIXED32:
  case wire_type::TYPE_FIXED64:
  case wire_type::TYPE_SFIXED32:
  case wire_type::TYPE_SFIXED64:
    return true;
  default:
    return false;
  }
}

proto_way whole_way(wire_type t) {
  switch (t) {
  case wire_type::TYPE_SINT32:
  case wire_type::TYPE_SINT64:
    return proto_way::folded;
  case wire_type::TYPE_FIXED32:
  case wire_type::TYPE_SFIXED32:
    return proto_way::fixed32;
  case wire_type::TYPE_FIXED64:
  case wire_type::TYPE_SFIXED64:
    return proto_way::fixed64;
  default:
    return proto_way::whole;
  }
}

bool is_unsigned(wire_type t) {
  return t == wire_type::TYPE_UINT32 || t == wire_type::TYPE_UINT64 || t == wire_type::TYPE_FIXED32 ||
         t == wire_type::TYPE_FIXED64;
}

bool is_narrow(wire_type t) {
  return t == wire_type::TYPE_INT32 || t == wire_type::TYPE_UINT32 || t == wire_type::TYPE_SINT32 ||
         t == wire_type::TYPE_FIXED32 || t == wire_type::TYPE_SFIXED32;
}

bool is_stamp(const pb::FieldDescriptor& f) {
  return f.type() == wire_type::TYPE_MESSAGE && f.message_type()->full_name() == "google.protobuf.Timestamp";
}

/// None: the one cannot be the other.
std::optional<proto_way> way_of(const pb::FieldDescriptor& wire, const field_type& value) {
  const auto t = wire.type();
  const auto when = [](bool holds, proto_way how) { return holds ? std::optional{how} : std::nullopt; };
  switch (value.kind) {
  case field_kind::boolean:
    return when(t == wire_type::TYPE_BOOL, proto_way::boolean);
  case field_kind::float32:
    return when(t == wire_type::TYPE_FLOAT, proto_way::real32);
  case field_kind::float64:
    return t == wire_type::TYPE_FLOAT ? proto_way::widened_real : when(t == wire_type::TYPE_DOUBLE, proto_way::real64);
  case field_kind::string:
    return t == wire_type::TYPE_BYTES ? proto_way::bytes : when(t == wire_type::TYPE_STRING, proto_way::text);
  case field_kind::decimal:
    return when(t == wire_type::TYPE_STRING, proto_way::decimal);
  case field_kind::timestamp_millis:
    return is_stamp(wire) ? proto_way::stamp : when(is_whole(t) && !is_narrow(t) && !is_unsigned(t), whole_way(t));
  case field_kind::enumeration:
    return when(t == wire_type::TYPE_ENUM, proto_way::enumeration);
  case field_kind::record:
    return when(t == wire_type::TYPE_MESSAGE, proto_way::record);
  default:
    return when(is_whole(t), whole_way(t));
  }
}

} // namespace

std::size_t proto_record_plan::find(std::int32_t number) const noexcept {
  const auto found = std::ranges::lower_bound(fields, number, {}, [](const auto& f) { return f.wire->number(); });
  return found != fields.end() && found->wire->number() == number ? static_cast<std::size_t>(found - fields.begin())
                                                                  : fields.size();
}

/// Goes through a message and a record type side by side.
class proto_plan::planner {
public:
  planner(std::deque<proto_record_plan>& to, bool writes) : records_{to}, writes_{writes} {}

  const proto_record_plan* make(const pb::Descriptor& message, const schema& of) {
    auto& made = records_.emplace_back();
    made.of = &of;
    made.message = &message;
    for (const auto& f : of.fields())
      if (const auto* const wire = message.FindFieldByName(f.name))
        made.fields.push_back(field_plan(*wire, f));
      else
        made.absent.push_back(allowed_absent(message, f));
    std::ranges::sort(made.fields, {}, [](const auto& f) { return f.wire->number(); });
    for (int i = 0; i < message.field_count(); ++i)
      if (message.field(i)->is_required())
        require(made, *message.field(i));
    for (auto& f : made.fields)
      add_rivals(f, made.fields);
    made.seen.resize(made.fields.size());
    return &made;
  }

private:
  proto_field_plan field_plan(const pb::FieldDescriptor& wire, const field& f) {
    proto_field_plan made;
    made.wire = &wire;
    made.of = &f;
    made.value = f.type->kind == field_kind::list || f.type->kind == field_kind::optional ? f.type->element : f.type;
    const auto how = way_of(wire, *made.value);
    if (!how || wire.is_repeated() != (f.type->kind == field_kind::list))
      throw pipeline_error{fmt::format(
        "{}the record's {} cannot be the message's `{}{}`", place(f.name), to_string(f.type->kind),
        wire.is_repeated() ? "repeated " : "", wire.type_name())};
    if (writes_ && *how == proto_way::widened_real)
      throw pipeline_error{fmt::format("{}a double has no place in the message's float", place(f.name))};
    if (writes_ && f.type->kind == field_kind::optional && !wire.has_presence())
      throw pipeline_error{
        fmt::format("{}may have no value, which the message cannot say: make the field `optional` there", place(f.name))};
    made.how = *how;
    made.is_unsigned = is_unsigned(wire.type());
    made.is_narrow = is_narrow(wire.type());
    if (made.how == proto_way::enumeration)
      add_values(made);
    if (made.how != proto_way::record)
      return made;
    const auto before = path_.size();
    path_ += (path_.empty() ? "" : ".") + f.name;
    made.record = make(*wire.message_type(), *made.value->record);
    path_.resize(before);
    return made;
  }

  void add_values(proto_field_plan& to) const {
    const auto& known = *to.wire->enum_type();
    for (const auto& e : to.value->enumeration->names)
      if (const auto* const value = known.FindValueByName(e.name))
        to.values.emplace_back(value->number(), e.value);
      else if (writes_)
        throw pipeline_error{fmt::format("{}the message's enum has no value `{}`", place(to.of->name), e.name)};
  }

  static void add_rivals(proto_field_plan& to, const std::vector<proto_field_plan>& all) {
    if (const auto* const one = to.wire->real_containing_oneof())
      for (const auto& other : all)
        if (&other != &to && other.wire->real_containing_oneof() == one && other.of->type->kind == field_kind::optional)
          to.rivals.push_back(other.of);
  }

  const field* allowed_absent(const pb::Descriptor& message, const field& f) const {
    if (!writes_ && f.type->kind == field_kind::optional)
      return &f;
    throw pipeline_error{fmt::format(
      "{}message `{}` has no field of this name{}", place(f.name), message.full_name(),
      writes_ ? ": its values would be lost" : "")};
  }

  void require(proto_record_plan& in, const pb::FieldDescriptor& wire) const {
    const bool known = std::ranges::any_of(in.fields, [&](const auto& f) { return f.wire == &wire; });
    if (writes_ && !known)
      throw pipeline_error{
        fmt::format("{}message `{}` needs a field `{}`", place(""), wire.containing_type()->full_name(), wire.name())};
    if (known)
      in.required.push_back(wire.number());
  }

  [[nodiscard]] std::string place(std::string_view name) const {
    const auto whole = path_ + (path_.empty() || name.empty() ? "" : ".") + std::string{name};
    return whole.empty() ? "" : fmt::format("field `{}`: ", whole);
  }

  std::deque<proto_record_plan>& records_;
  const bool writes_;
  std::string path_;
};

proto_plan::proto_plan(const pb::Descriptor& message, const schema& of, bool writes) {
  planner{records_, writes}.make(message, of);
}

} // namespace leat
