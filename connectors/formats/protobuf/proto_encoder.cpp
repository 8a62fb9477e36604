#include <leat/connectors/formats/protobuf/proto_encoder.hpp>

#include <leat/base/decimal.hpp>
#include <leat/base/utf8.hpp>
#include <leat/connectors/formats/wire_bytes.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <utility>

namespace leat {
namespace {

/// What a field's tag says of its bytes.
unsigned wire_kind_of(proto_way how) {
  switch (how) {
  case proto_way::fixed32:
  case proto_way::real32:
  case proto_way::widened_real:
    return 5;
  case proto_way::fixed64:
  case proto_way::real64:
    return 1;
  case proto_way::text:
  case proto_way::bytes:
  case proto_way::decimal:
  case proto_way::stamp:
  case proto_way::record:
    return 2;
  default:
    return 0;
  }
}

void put_sized(std::string& to, std::string_view bytes) {
  wire::put_unsigned(to, bytes.size());
  to.append(bytes);
}

} // namespace

proto_encoder::proto_encoder(std::shared_ptr<const proto_schema> message, const schema& of, std::string prefix)
  : schema_{std::move(message)}, prefix_{std::move(prefix)}, plan_{schema_->message(), of, true} {}

void proto_encoder::encode(
  const void* records, std::size_t stride, std::size_t count, encoded_records& out, std::vector<rejection>& rejected) {
  const auto* record = static_cast<const char*>(records);
  for (std::size_t i = 0; i < count; ++i, record += stride) {
    const auto begin = out.bytes.size();
    depth_ = 0;
    out.bytes.append(prefix_);
    if (!message(plan_.root(), record, out.bytes)) {
      out.bytes.resize(begin);
      rejected.push_back({i, reason()});
    }
    out.ends.push_back(out.bytes.size());
  }
}

bool proto_encoder::message(const proto_record_plan& plan, const void* record, std::string& to) {
  return std::ranges::all_of(
    plan.fields, [&](const auto& f) { return field(f, f.of->in(record), to) || within(f.of->name); });
}

bool proto_encoder::field(const proto_field_plan& f, const void* from, std::string& to) {
  const auto& type = *f.of->type;
  if (type.kind == field_kind::list)
    return elements(f, from, to);
  if (type.kind != field_kind::optional) // without presence what is not there is the default
    return (!f.wire->has_presence() && is_default(f, from)) || tagged(f, from, to);
  const auto* const present = type.optional->get(type, from);
  return !present || tagged(f, present, to);
}

bool proto_encoder::elements(const proto_field_plan& f, const void* list, std::string& to) {
  const auto& type = *f.of->type;
  const auto count = type.list->size(type, list);
  const auto* element = static_cast<const char*>(type.list->data(type, list));
  if (count == 0)
    return true;
  const bool packed = f.wire->is_packed();
  if (packed && inner_.size() <= depth_)
    inner_.emplace_back();
  if (packed)
    inner_[depth_].clear();
  for (std::size_t i = 0; i < count; ++i, element += type.element->size)
    if (!(packed ? value(f, element, inner_[depth_]) : tagged(f, element, to)))
      return within(fmt::format("[{}]", i));
  if (!packed)
    return true;
  tag(f, true, to);
  put_sized(to, inner_[depth_]);
  return true;
}

bool proto_encoder::tagged(const proto_field_plan& f, const void* from, std::string& to) {
  tag(f, false, to);
  return value(f, from, to);
}

void proto_encoder::tag(const proto_field_plan& f, bool packed, std::string& to) {
  wire::put_unsigned(to, (static_cast<std::uint64_t>(f.wire->number()) << 3) | (packed ? 2 : wire_kind_of(f.how)));
}

bool proto_encoder::value(const proto_field_plan& f, const void* from, std::string& to) {
  switch (f.how) {
  case proto_way::real32:
    wire::put_raw(to, *static_cast<const float*>(from));
    return true;
  case proto_way::real64:
    wire::put_raw(to, *static_cast<const double*>(from));
    return true;
  case proto_way::text: {
    const auto& text = *static_cast<const std::string*>(from);
    put_sized(to, text);
    return find_invalid_utf8(text) == std::string_view::npos || refuse("the text is not UTF-8");
  }
  case proto_way::bytes:
    put_sized(to, *static_cast<const std::string*>(from));
    return true;
  case proto_way::decimal:
    put_sized(to, decimal_text{*static_cast<const decimal*>(from)}.view());
    return true;
  case proto_way::stamp:
    return stamp(*static_cast<const timestamp*>(from), to);
  case proto_way::record:
    break;
  default:
    return number(f, from, to);
  }
  if (inner_.size() <= depth_)
    inner_.emplace_back();
  auto& inner = inner_[depth_];
  inner.clear();
  ++depth_;
  const bool written = message(*f.record, from, inner);
  --depth_;
  put_sized(to, inner);
  return written;
}

bool proto_encoder::number(const proto_field_plan& f, const void* from, std::string& to) {
  std::int64_t n = 0;
  bool fits = true;
  if (f.value->kind == field_kind::timestamp_millis) {
    n = to_millis(*static_cast<const timestamp*>(from));
  } else if (f.value->kind == field_kind::boolean) {
    n = *static_cast<const bool*>(from) ? 1 : 0;
  } else if (f.value->kind == field_kind::enumeration) {
    const auto number = load_integer(f.value->element->kind, from);
    const auto known = std::ranges::find(f.values, number, &std::pair<std::int32_t, std::int64_t>::second);
    if (known == f.values.end())
      return refuse(fmt::format("the value {} of the enum has no name", number));
    n = known->first;
  } else {
    n = load_integer(f.value->kind, from);
    const bool above = f.value->kind == field_kind::uint64 && n < 0; // 2^63
    fits = above           ? f.is_unsigned && !f.is_narrow
           : f.is_unsigned ? n >= 0 && (!f.is_narrow || n <= std::numeric_limits<std::uint32_t>::max())
                           : !f.is_narrow || n == static_cast<std::int32_t>(n);
  }
  if (f.how == proto_way::fixed32)
    wire::put_raw(to, static_cast<std::uint32_t>(n));
  else if (f.how == proto_way::fixed64)
    wire::put_raw(to, n);
  else if (f.how == proto_way::folded)
    wire::put_folded(to, n);
  else
    wire::put_unsigned(to, static_cast<std::uint64_t>(n));
  return fits || refuse(fmt::format("the number does not fit into the message's {}", f.wire->type_name()));
}

bool proto_encoder::stamp(timestamp t, std::string& to) {
  const auto millis = to_millis(t);
  const auto part = ((millis % 1'000) + 1'000) % 1'000;
  const auto seconds = (millis - part) / 1'000;
  std::string bytes;
  if (seconds != 0) {
    bytes += '\x08';
    wire::put_unsigned(bytes, static_cast<std::uint64_t>(seconds));
  }
  if (part != 0) {
    bytes += '\x10';
    wire::put_unsigned(bytes, static_cast<std::uint64_t>(part) * 1'000'000);
  }
  put_sized(to, bytes);
  const bool fits = t >= from_millis(-62'135'596'800'000) && t <= from_millis(253'402'300'799'999);
  return fits || refuse(fmt::format("{} is no Timestamp, which is of the years 1 to 9999", format_timestamp(t)));
}

bool proto_encoder::is_default(const proto_field_plan& f, const void* value) {
  switch (f.value->kind) {
  case field_kind::boolean:
    return !*static_cast<const bool*>(value);
  case field_kind::float32:
    return std::bit_cast<std::uint32_t>(*static_cast<const float*>(value)) == 0;
  case field_kind::float64:
    return std::bit_cast<std::uint64_t>(*static_cast<const double*>(value)) == 0;
  case field_kind::string:
    return static_cast<const std::string*>(value)->empty();
  case field_kind::decimal:
    return static_cast<const decimal*>(value)->unscaled() == 0 && static_cast<const decimal*>(value)->scale() == 0;
  case field_kind::timestamp_millis:
    return *static_cast<const timestamp*>(value) == timestamp{};
  case field_kind::enumeration: {
    const auto number = load_integer(f.value->element->kind, value);
    const auto known = std::ranges::find(f.values, number, &std::pair<std::int32_t, std::int64_t>::second);
    return known != f.values.end() && known->first == 0;
  }
  case field_kind::record:
    return false;
  default:
    return load_integer(f.value->kind, value) == 0;
  }
}

} // namespace leat
