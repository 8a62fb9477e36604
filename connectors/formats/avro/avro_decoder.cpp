#include <leat/connectors/formats/avro/avro_decoder.hpp>

#include <leat/base/utf8.hpp>
#include <leat/connectors/formats/avro/avro_decimal.hpp>
#include <leat/connectors/formats/avro/avro_text.hpp>
#include <leat/connectors/formats/wire_bytes.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace leat {

namespace {

using way = avro_plan::way;

/// Nesting of what is skipped: what is read is as deep as its type, but a writer's type may contain itself.
constexpr unsigned deepest = 1'024;

/// Elements that take no bytes: nothing else bounds how many there are.
constexpr std::int64_t most_empty_elements = 1'000'000;

} // namespace

bool avro_walker::read(const avro_plan& plan, std::string_view bytes, void* record) {
  in_ = wire_reader{bytes};
  depth_ = 0;
  if (!value(plan, record))
    return false;
  return in_.left() == 0 ||
         refuse(fmt::format(
           "there are {} bytes behind the record: it was written with another schema, or is no Avro", in_.left()));
}

bool avro_walker::value(const avro_plan& plan, void* to) {
  switch (plan.how) {
  case way::skip:
    return skip(*plan.from);
  case way::boolean: {
    std::uint8_t byte = 0;
    if (!in_.get_raw(byte))
      return cut_off();
    *static_cast<bool*>(to) = byte == 1;
    return byte <= 1 || refuse(fmt::format("expected a boolean, found the byte {:#04x}", byte));
  }
  case way::integer:
    return integer(plan, to);
  case way::real32:
    return in_.get_raw(*static_cast<float*>(to)) || cut_off();
  case way::real64:
    return in_.get_raw(*static_cast<double*>(to)) || cut_off();
  case way::widened_real: {
    float narrow = 0;
    if (!in_.get_raw(narrow))
      return cut_off();
    *static_cast<double*>(to) = narrow;
    return true;
  }
  case way::whole_real32:
  case way::whole_real64: {
    std::int64_t n = 0;
    if (!in_.get_folded(n))
      return cut_off();
    plan.how == way::whole_real32 ? void(*static_cast<float*>(to) = static_cast<float>(n))
                                  : void(*static_cast<double*>(to) = static_cast<double>(n));
    return true;
  }
  case way::text:
  case way::bytes:
    return text(plan, *static_cast<std::string*>(to));
  case way::millis:
  case way::micros:
    return time(plan, *static_cast<timestamp*>(to));
  case way::decimal:
    return decimal_number(plan, *static_cast<decimal*>(to));
  case way::enumeration:
    return enumeration(plan, to);
  case way::present:
    return value(*plan.parts.front(), plan.to->optional->emplace(*plan.to, to));
  case way::absent:
    plan.to->optional->reset(*plan.to, to);
    return true;
  case way::list:
    return list(plan, to);
  case way::record:
    return record(plan, to);
  case way::either:
    return either(plan, to);
  case way::impossible:
    refuse(plan.reason);
    return plan.where.empty() ? false : within(plan.where);
  }
  return false;
}

bool avro_walker::record(const avro_plan& plan, void* to) {
  for (const auto& next : plan.steps)
    if (!value(*next.what, next.into ? next.into->in(to) : nullptr))
      return next.into ? within(next.into->name) : false;
  return std::ranges::all_of(plan.gaps, [&](const auto& gap) { return fill(gap, to); });
}

bool avro_walker::fill(const avro_plan::gap& gap, void* record) {
  auto* const to = gap.of->in(record);
  if (!gap.fallback) {
    gap.of->type->optional->reset(*gap.of->type, to);
    return true;
  }
  const auto before = std::exchange(in_, wire_reader{gap.bytes});
  const bool filled = value(*gap.fallback, to);
  in_ = before;
  return filled || within(gap.of->name);
}

/// Reads elements over the stale ones first, which keep their buffers.
bool avro_walker::list(const avro_plan& plan, void* to) {
  const auto& type = *plan.to;
  const auto& access = *type.list;
  auto room = access.size(type, to);
  auto* first = static_cast<char*>(access.data(type, to));
  std::size_t filled = 0;
  std::int64_t left = 0, bytes = 0;
  while (block(left, *plan.from->parts.front(), bytes) && left != 0)
    for (; left != 0; --left, ++filled) {
      if (filled == room) {
        access.resize(type, to, ++room);
        first = static_cast<char*>(access.data(type, to));
      }
      if (!value(*plan.parts.front(), first + filled * type.element->size))
        return within(fmt::format("[{}]", filled));
    }
  if (left != 0)
    return false;
  access.resize(type, to, filled);
  return true;
}

/// How many elements follow; 0: no more.
/// @param bytes of all of them, when that is known.
bool avro_walker::block(std::int64_t& count, const avro_type& of, std::int64_t& bytes) {
  bytes = -1;
  count = 1; // something other than 0 in case of failure
  std::int64_t said = 0;
  if (!in_.get_folded(said))
    return cut_off();
  if (said < 0 && !in_.get_folded(bytes))
    return cut_off();
  const bool fits = of.least_bytes == 0
                      ? said <= most_empty_elements && said >= -most_empty_elements
                      : static_cast<std::uint64_t>(said < 0 ? -(said + 1) : said) <= in_.left() / of.least_bytes;
  if (!fits)
    return refuse(fmt::format("there are said to be {} elements, more than can be", said));
  count = said < 0 ? -said : said;
  return true;
}

bool avro_walker::either(const avro_plan& plan, void* to) {
  std::int64_t branch = 0;
  if (!in_.get_folded(branch))
    return cut_off();
  if (branch < 0 || branch >= static_cast<std::int64_t>(plan.parts.size()))
    return refuse(fmt::format("branch {} of a union of {}", branch, plan.parts.size()));
  return value(*plan.parts[static_cast<std::size_t>(branch)], to);
}

bool avro_walker::integer(const avro_plan& plan, void* to) {
  std::int64_t n = 0;
  if (!in_.get_folded(n))
    return cut_off();
  store_integer(plan.to->kind, to, n);
  const bool fits = load_integer(plan.to->kind, to) == n && (plan.to->kind != field_kind::uint64 || n >= 0);
  return fits || refuse(fmt::format("{} does not fit into {}", n, to_string(plan.to->kind)));
}

bool avro_walker::text(const avro_plan& plan, std::string& to) {
  std::string_view found;
  if (!get_avro_text(in_, found))
    return cut_off();
  to.assign(found);
  if (plan.how == way::bytes)
    return true;
  const auto wrong = find_invalid_utf8(found);
  return wrong == std::string_view::npos || refuse(fmt::format("byte {} of the text is not UTF-8", wrong));
}

bool avro_walker::time(const avro_plan& plan, timestamp& to) {
  std::int64_t n = 0;
  if (!in_.get_folded(n))
    return cut_off();
  if (plan.how == way::micros)
    n = n / 1'000 - (n % 1'000 < 0 ? 1 : 0);
  to = from_millis(n);
  return true;
}

bool avro_walker::decimal_number(const avro_plan& plan, decimal& to) {
  std::string_view bytes;
  const bool found =
    plan.from->kind == avro_kind::fixed ? in_.get_bytes(plan.from->size, bytes) : get_avro_text(in_, bytes);
  if (!found)
    return cut_off();
  const auto number = avro_decimal(bytes, plan.from->scale);
  if (!number)
    return refuse(fmt::format("a number of more than {} digits", decimal::max_digits));
  to = *number;
  return true;
}

bool avro_walker::enumeration(const avro_plan& plan, void* to) {
  std::int64_t symbol = 0;
  if (!in_.get_folded(symbol))
    return cut_off();
  if (symbol < 0 || symbol >= static_cast<std::int64_t>(plan.values.size()))
    return refuse(fmt::format("symbol {} of an enum of {}", symbol, plan.values.size()));
  const auto place = static_cast<std::size_t>(symbol);
  if (!plan.values[place])
    return refuse(fmt::format("expected one of the enum's names, found {}", plan.from->symbols[place]));
  store_integer(plan.to->element->kind, to, *plan.values[place]);
  return true;
}

bool avro_walker::skip(const avro_type& type) {
  std::int64_t number = 0;
  std::string_view bytes;
  switch (type.kind) {
  case avro_kind::null:
    return true;
  case avro_kind::boolean:
    return in_.get_bytes(1, bytes) || cut_off();
  case avro_kind::int32:
  case avro_kind::int64:
  case avro_kind::enumeration:
    return in_.get_folded(number) || cut_off();
  case avro_kind::float32:
    return in_.get_bytes(4, bytes) || cut_off();
  case avro_kind::float64:
    return in_.get_bytes(8, bytes) || cut_off();
  case avro_kind::fixed:
    return in_.get_bytes(type.size, bytes) || cut_off();
  case avro_kind::bytes:
  case avro_kind::string:
    return get_avro_text(in_, bytes) || cut_off();
  default:
    break;
  }
  if (++depth_ > deepest)
    return refuse(fmt::format("is nested more than {} deep", deepest));
  bool skipped = true;
  if (type.kind == avro_kind::record)
    skipped = std::ranges::all_of(type.fields, [this](const auto& f) { return skip(*f.type); });
  else if (type.kind != avro_kind::either)
    skipped = skip_elements(type);
  else if (!in_.get_folded(number))
    skipped = cut_off();
  else if (number < 0 || number >= static_cast<std::int64_t>(type.parts.size()))
    skipped = refuse(fmt::format("branch {} of a union of {}", number, type.parts.size()));
  else
    skipped = skip(*type.parts[static_cast<std::size_t>(number)]);
  --depth_;
  return skipped;
}

bool avro_walker::skip_elements(const avro_type& type) {
  const auto& inner = *type.parts.front();
  std::string_view bytes, key;
  std::int64_t left = 0, all = 0;
  while (block(left, inner, all)) {
    if (left == 0)
      return true;
    if (all >= 0) {
      if (!in_.get_bytes(static_cast<std::uint64_t>(all), bytes))
        return cut_off();
      continue;
    }
    for (; left != 0; --left)
      if ((type.kind == avro_kind::map && !get_avro_text(in_, key) && !cut_off()) || !skip(inner))
        return false;
  }
  return false;
}

bool avro_walker::cut_off() { return refuse("the record ends too early, or is no Avro"); }

avro_decoder::avro_decoder(
  std::shared_ptr<const avro_schema> writer, const schema& of, std::shared_ptr<const avro_schema> reader)
  : writer_{std::move(writer)}, reader_{std::move(reader)}, plan_{*writer_, of, reader_.get()} {}

std::size_t
avro_decoder::decode(std::span<const raw_record> in, void* slots, std::size_t stride, std::vector<rejection>& rejected) {
  auto* slot = static_cast<char*>(slots);
  std::size_t filled = 0;
  for (std::size_t i = 0; i < in.size(); ++i)
    if (!in[i].payload)
      rejected.push_back({i, "the value is null (a tombstone), not a record"});
    else if (walker_.read(plan_.root(), *in[i].payload, slot + filled * stride))
      ++filled;
    else
      rejected.push_back({i, walker_.reason()});
  return filled;
}

} // namespace leat
