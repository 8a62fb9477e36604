#include <leat/connectors/formats/json/json_encoder.hpp>

#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/base/time.hpp>

#include <fmt/format.h>

#include <utility>

namespace leat {

struct json_encoder::value_plan {
  const field_type* type = nullptr;
  std::unique_ptr<const value_plan> element; ///< of optionals and lists
  std::unique_ptr<const record_plan> record;
};

struct json_encoder::field_plan {
  const field& described;
  std::string before; ///< all that stands in front of the value: `,"amount":`
  value_plan value;
};

struct json_encoder::record_plan {
  std::vector<field_plan> fields;
};

json_encoder::value_plan json_encoder::plan_value(const field_type& type) {
  value_plan made;
  made.type = &type;
  if (type.kind == field_kind::optional || type.kind == field_kind::list)
    made.element = std::make_unique<const value_plan>(plan_value(*type.element));
  if (type.kind == field_kind::record)
    made.record = std::make_unique<const record_plan>(plan_record(*type.record));
  return made;
}

json_encoder::record_plan json_encoder::plan_record(const schema& of) {
  record_plan made;
  for (const auto& f : of.fields()) {
    json_writer before;
    before.raw(made.fields.empty() ? '{' : ',');
    if (!before.string(f.name))
      throw pipeline_error{fmt::format(
        "field `{}` of record `{}` cannot be written as JSON: its name is not UTF-8", excerpt(f.name), of.name())};
    before.raw(':');
    made.fields.push_back({f, std::string{before.text()}, plan_value(*f.type)});
  }
  return made;
}

json_encoder::json_encoder(const schema& of) : plan_{std::make_unique<const record_plan>(plan_record(of))} {}

json_encoder::json_encoder(const field_type& of) : value_{std::make_unique<const value_plan>(plan_value(of))} {}

json_encoder::~json_encoder() = default;

void json_encoder::encode(
  const void* records, std::size_t stride, std::size_t count, encoded_records& out, std::vector<rejection>& rejected) {
  const auto* record = static_cast<const char*>(records);
  for (std::size_t i = 0; i < count; ++i, record += stride) {
    writer_.clear();
    if (plan_ ? write_record(*plan_, record) : write_value(*value_, record))
      out.bytes.append(writer_.text());
    else
      rejected.push_back({i, reason()});
    out.ends.push_back(out.bytes.size());
  }
}

bool json_encoder::write_record(const record_plan& plan, const void* record) {
  if (plan.fields.empty())
    writer_.raw('{');
  for (const auto& f : plan.fields) {
    writer_.raw(f.before);
    if (!write_value(f.value, f.described.in(record)))
      return within(f.described.name);
  }
  writer_.raw('}');
  return true;
}

bool json_encoder::write_value(const value_plan& plan, const void* value) {
  const auto& type = *plan.type;
  switch (type.kind) {
  case field_kind::string:
    return writer_.string(*static_cast<const std::string*>(value)) || refuse("the text is not UTF-8");
  case field_kind::float64:
    return writer_.number(*static_cast<const double*>(value)) || refuse_number(*static_cast<const double*>(value));
  case field_kind::float32:
    return writer_.number(*static_cast<const float*>(value)) || refuse_number(*static_cast<const float*>(value));
  case field_kind::decimal:
    writer_.number(*static_cast<const decimal*>(value));
    return true;
  case field_kind::timestamp_millis:
    writer_.integer(to_millis(*static_cast<const timestamp*>(value)));
    return true;
  case field_kind::boolean:
    writer_.raw(*static_cast<const bool*>(value) ? "true" : "false");
    return true;
  case field_kind::enumeration:
    return write_enumeration(type, value);
  case field_kind::optional:
    if (const void* const present = type.optional->get(type, value))
      return write_value(*plan.element, present);
    writer_.raw("null");
    return true;
  case field_kind::list:
    return write_list(plan, value);
  case field_kind::record:
    return write_record(*plan.record, value);
  case field_kind::uint64:
    writer_.unsigned_integer(static_cast<std::uint64_t>(load_integer(type.kind, value)));
    return true;
  default:
    writer_.integer(load_integer(type.kind, value));
    return true;
  }
}

bool json_encoder::write_list(const value_plan& plan, const void* list) {
  const auto& type = *plan.type;
  const auto count = type.list->size(type, list);
  const auto* element = static_cast<const char*>(type.list->data(type, list));
  writer_.raw('[');
  for (std::size_t i = 0; i < count; ++i, element += type.element->size) {
    if (i != 0)
      writer_.raw(',');
    if (!write_value(*plan.element, element))
      return within(fmt::format("[{}]", i));
  }
  writer_.raw(']');
  return true;
}

bool json_encoder::write_enumeration(const field_type& type, const void* value) {
  const auto number = load_integer(type.element->kind, value);
  const auto* const known = type.enumeration->find(number);
  if (known == nullptr)
    return refuse(fmt::format("the value {} of the enum has no name", number));
  return writer_.string(known->name);
}

bool json_encoder::refuse_number(double value) { return refuse(fmt::format("JSON has no number for {}", value)); }

} // namespace leat
