#include <leat/connectors/formats/protobuf/proto_decoder.hpp>

#include <leat/base/decimal.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/base/utf8.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace leat {
namespace {

constexpr unsigned deepest = 100; // groups in one another; that of Protobuf's own parsers

} // namespace

proto_decoder::proto_decoder(std::shared_ptr<const proto_schema> message, const schema& of)
  : schema_{std::move(message)}, plan_{schema_->message(), of, false} {}

std::size_t
proto_decoder::decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) {
  auto* slot = static_cast<char*>(slots);
  std::size_t filled = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    depth_ = 0;
    if (!in[i].payload)
      rejected.push_back({i, "the value is null (a tombstone), not a message"});
    else if (message(plan_.root(), slot + filled * stride, *in[i].payload, false))
      ++filled;
    else
      rejected.push_back({i, reason()});
  }
  return filled;
}

/// What a message says nothing of has its default.
void proto_decoder::clear(const proto_record_plan& plan, void* record) {
  for (const auto* f : plan.absent)
    f->type->optional->reset(*f->type, f->in(record));
  for (const auto& f : plan.fields) {
    auto* const to = f.of->in(record);
    const auto& type = *f.of->type;
    switch (type.kind) {
    case field_kind::optional:
      type.optional->reset(type, to);
      break;
    case field_kind::list:
      type.list->resize(type, to, 0);
      break;
    case field_kind::string:
      static_cast<std::string*>(to)->clear();
      break;
    case field_kind::decimal:
      *static_cast<decimal*>(to) = {};
      break;
    case field_kind::timestamp_millis:
      *static_cast<timestamp*>(to) = {};
      break;
    case field_kind::float32:
      *static_cast<float*>(to) = 0;
      break;
    case field_kind::float64:
      *static_cast<double*>(to) = 0;
      break;
    case field_kind::boolean:
      *static_cast<bool*>(to) = false;
      break;
    case field_kind::enumeration:
      store_integer(type.element->kind, to, f.values.empty() ? 0 : f.values.front().second);
      break;
    case field_kind::record:
      clear(*f.record, to);
      break;
    default:
      store_integer(type.kind, to, 0);
    }
  }
}

bool proto_decoder::message(const proto_record_plan& plan, void* record, std::string_view bytes, bool merge) {
  if (!merge) {
    clear(plan, record);
    std::ranges::fill(plan.seen, std::uint8_t{0});
  }
  wire_reader from{bytes};
  std::size_t expected = 0;
  while (from.left() != 0) {
    std::uint64_t tag = 0;
    if (!from.get_unsigned(tag) || tag > 0xffffffff || tag >> 3 == 0)
      return cut_off();
    const auto number = static_cast<std::uint32_t>(tag >> 3);
    const auto kind = static_cast<wire_kind>(tag & 7);
    auto place = expected;
    if (place >= plan.fields.size() || static_cast<std::uint32_t>(plan.fields[place].wire->number()) != number)
      place = plan.find(static_cast<std::int32_t>(number));
    if (place == plan.fields.size()) {
      if (!skip(kind, number, from))
        return false;
      continue;
    }
    if (!field(plan, place, kind, from, record))
      return within(plan.fields[place].of->name);
    expected = place + (plan.fields[place].wire->is_repeated() ? 0 : 1);
  }
  return complete(plan);
}

bool proto_decoder::field(
  const proto_record_plan& plan, std::size_t place, wire_kind kind, wire_reader& from, void* record) {
  const auto& f = plan.fields[place];
  auto* const to = f.of->in(record);
  const bool again = std::exchange(plan.seen[place], std::uint8_t{1}) != 0;
  if (f.of->type->kind == field_kind::list)
    return elements(f, kind, from, to);
  for (const auto* rival : f.rivals)
    rival->type->optional->reset(*rival->type, rival->in(record));
  if (f.of->type->kind != field_kind::optional)
    return value(f, kind, from, to, again);
  const auto& type = *f.of->type;
  const bool has_value = again && type.optional->get(type, to) != nullptr;
  return value(f, kind, from, type.optional->emplace(type, to), has_value);
}

/// One, or as many as lie behind each other without their tags.
bool proto_decoder::elements(const proto_field_plan& f, wire_kind kind, wire_reader& from, void* list) {
  const auto& type = *f.of->type;
  const auto& access = *type.list;
  auto size = access.size(type, list);
  const auto next = [&] {
    access.resize(type, list, size + 1);
    return static_cast<char*>(access.data(type, list)) + size * type.element->size;
  };
  if (kind != wire_kind::sized || kind_of(f) == wire_kind::sized)
    return value(f, kind, from, next(), false) || within(fmt::format("[{}]", size));
  std::uint64_t bytes = 0;
  std::string_view packed;
  if (!from.get_unsigned(bytes) || !from.get_bytes(bytes, packed))
    return cut_off();
  for (wire_reader in{packed}; in.left() != 0; ++size)
    if (!value(f, kind_of(f), in, next(), false))
      return within(fmt::format("[{}]", size));
  return true;
}

bool proto_decoder::value(const proto_field_plan& f, wire_kind kind, wire_reader& from, void* to, bool merge) {
  if (kind != kind_of(f))
    return refuse(fmt::format("is on the wire as what no `{}` is: written with another .proto?", f.wire->type_name()));
  switch (f.how) {
  case proto_way::real32:
    return from.get_raw(*static_cast<float*>(to)) || cut_off();
  case proto_way::real64:
    return from.get_raw(*static_cast<double*>(to)) || cut_off();
  case proto_way::widened_real: {
    float narrow = 0;
    if (!from.get_raw(narrow))
      return cut_off();
    *static_cast<double*>(to) = narrow;
    return true;
  }
  case proto_way::text:
  case proto_way::bytes:
  case proto_way::decimal:
    return text(f, from, to);
  case proto_way::stamp:
    return stamp(from, *static_cast<timestamp*>(to));
  case proto_way::record: {
    std::uint64_t size = 0;
    std::string_view bytes;
    if (!from.get_unsigned(size) || !from.get_bytes(size, bytes))
      return cut_off();
    return message(*f.record, to, bytes, merge);
  }
  default:
    return number(f, from, to);
  }
}

bool proto_decoder::number(const proto_field_plan& f, wire_reader& from, void* to) {
  std::uint64_t raw = 0;
  std::uint32_t narrow = 0;
  if (
    f.how == proto_way::fixed32   ? !from.get_raw(narrow)
    : f.how == proto_way::fixed64 ? !from.get_raw(raw)
                                  : !from.get_unsigned(raw))
    return cut_off();
  if (f.how == proto_way::boolean) {
    *static_cast<bool*>(to) = raw != 0;
    return true;
  }
  auto n = static_cast<std::int64_t>(raw);
  if (f.how == proto_way::fixed32)
    n = f.is_unsigned ? std::int64_t{narrow} : static_cast<std::int32_t>(narrow);
  else if (f.how == proto_way::folded)
    n = f.is_narrow ? static_cast<std::int32_t>(wire::unfolded(static_cast<std::uint32_t>(raw))) : wire::unfolded(raw);
  else if (f.is_narrow) // as Protobuf's own parsers do: the rest is cut off
    n = f.is_unsigned ? std::int64_t{static_cast<std::uint32_t>(raw)} : static_cast<std::int32_t>(raw);
  if (f.value->kind == field_kind::timestamp_millis) {
    *static_cast<timestamp*>(to) = from_millis(n);
    return true;
  }
  if (f.how == proto_way::enumeration) {
    const auto known =
      std::ranges::find(f.values, static_cast<std::int32_t>(n), &std::pair<std::int32_t, std::int64_t>::first);
    if (known == f.values.end())
      return refuse(fmt::format("{} is no value of the enum that has a name here", n));
    store_integer(f.value->element->kind, to, known->second);
    return true;
  }
  store_integer(f.value->kind, to, n);
  const bool wraps = (f.value->kind == field_kind::uint64) != f.is_unsigned && n < 0; // above 2^63 on the one side only
  return (load_integer(f.value->kind, to) == n && !wraps) ||
         refuse(fmt::format(
           "{} does not fit into {}",
           f.is_unsigned ? fmt::format("{}", static_cast<std::uint64_t>(n)) : fmt::format("{}", n),
           to_string(f.value->kind)));
}

bool proto_decoder::text(const proto_field_plan& f, wire_reader& from, void* to) {
  std::uint64_t size = 0;
  std::string_view bytes;
  if (!from.get_unsigned(size) || !from.get_bytes(size, bytes))
    return cut_off();
  if (f.how == proto_way::decimal)
    return decimal::parse(bytes, *static_cast<decimal*>(to)) == decimal_outcome::ok ||
           refuse(fmt::format("expected a number of at most 38 digits, found \"{}\"", excerpt(bytes)));
  static_cast<std::string*>(to)->assign(bytes);
  const auto wrong = f.how == proto_way::text ? find_invalid_utf8(bytes) : std::string_view::npos;
  return wrong == std::string_view::npos || refuse(fmt::format("byte {} of the text is not UTF-8", wrong));
}

/// Seconds and nanoseconds, of which what is below the millisecond is cut off.
bool proto_decoder::stamp(wire_reader& from, timestamp& to) {
  std::uint64_t size = 0;
  std::string_view bytes;
  if (!from.get_unsigned(size) || !from.get_bytes(size, bytes))
    return cut_off();
  std::int64_t seconds = 0, nanoseconds = 0;
  wire_reader in{bytes};
  while (in.left() != 0) {
    std::uint64_t tag = 0, n = 0;
    if (!in.get_unsigned(tag) || tag > 0xffffffff)
      return cut_off();
    if (tag != 8 && tag != 16) {
      if (!skip(static_cast<wire_kind>(tag & 7), static_cast<std::uint32_t>(tag >> 3), in))
        return false;
      continue;
    }
    if (!in.get_unsigned(n))
      return cut_off();
    (tag == 8 ? seconds : nanoseconds) = static_cast<std::int64_t>(n);
  }
  constexpr std::int64_t first = -62'135'596'800,
                         last = 253'402'300'799; // the years 1 to 9999, which is what a Timestamp can be
  if (seconds < first || seconds > last || nanoseconds < 0 || nanoseconds > 999'999'999)
    return refuse(fmt::format("{} s and {} ns are no Timestamp", seconds, nanoseconds));
  to = from_millis(seconds * 1'000 + nanoseconds / 1'000'000);
  return true;
}

bool proto_decoder::skip(wire_kind kind, std::uint32_t number, wire_reader& from) {
  std::uint64_t n = 0;
  std::string_view bytes;
  switch (kind) {
  case wire_kind::number:
    return from.get_unsigned(n) || cut_off();
  case wire_kind::eight_bytes:
    return from.get_bytes(8, bytes) || cut_off();
  case wire_kind::four_bytes:
    return from.get_bytes(4, bytes) || cut_off();
  case wire_kind::sized:
    return (from.get_unsigned(n) && from.get_bytes(n, bytes)) || cut_off();
  case wire_kind::begin:
    break;
  default:
    return cut_off();
  }
  if (++depth_ > deepest)
    return refuse(fmt::format("is nested more than {} deep", deepest));
  for (std::uint64_t tag = 0; from.get_unsigned(tag) && tag <= 0xffffffff && tag >> 3 != 0;) {
    if (static_cast<wire_kind>(tag & 7) == wire_kind::end) {
      --depth_;
      return tag >> 3 == number || cut_off();
    }
    if (!skip(static_cast<wire_kind>(tag & 7), static_cast<std::uint32_t>(tag >> 3), from))
      return false;
  }
  return cut_off();
}

bool proto_decoder::complete(const proto_record_plan& plan) {
  for (const auto number : plan.required)
    if (const auto place = plan.find(number); plan.seen[place] == 0) {
      refuse("is missing, and required");
      return within(plan.fields[place].of->name);
    }
  return true;
}

proto_decoder::wire_kind proto_decoder::kind_of(const proto_field_plan& f) {
  switch (f.how) {
  case proto_way::fixed32:
  case proto_way::real32:
  case proto_way::widened_real:
    return wire_kind::four_bytes;
  case proto_way::fixed64:
  case proto_way::real64:
    return wire_kind::eight_bytes;
  case proto_way::text:
  case proto_way::bytes:
  case proto_way::decimal:
  case proto_way::stamp:
  case proto_way::record:
    return wire_kind::sized;
  default:
    return wire_kind::number;
  }
}

bool proto_decoder::cut_off() { return refuse("the message ends too early, or is no Protobuf"); }

} // namespace leat
