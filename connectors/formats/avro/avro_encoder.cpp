#include <leat/connectors/formats/avro/avro_encoder.hpp>

#include <leat/base/decimal.hpp>
#include <leat/base/error.hpp>
#include <leat/base/time.hpp>
#include <leat/base/utf8.hpp>
#include <leat/connectors/formats/avro/avro_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace leat {

/// How a value of one type of Leat is written as one of Avro.
struct avro_encoder::plan {
  struct step {
    const plan* what = nullptr;
    const field* of = nullptr; ///< null: the bytes are always the same
    std::string bytes{};
  };

  const field_type* from = nullptr;
  const avro_type* to = nullptr;
  std::string before{};                                      ///< of a branch of a union: which
  std::string none{};                                        ///< of an optional: what is written when there is no value
  const plan* inner = nullptr;                               ///< of optionals and lists
  std::vector<step> steps{};                                 ///< of a record
  std::vector<std::pair<std::int64_t, std::string>> names{}; ///< of an enumeration: what is written for each value
};

/// Goes through a type of Leat and one of Avro side by side.
class avro_encoder::planner {
public:
  explicit planner(std::deque<plan>& to) : plans_{to} {}

  plan* make(const field_type& from, const avro_type& to) {
    if (from.kind == field_kind::optional)
      return optional(from, to);
    if (to.kind == avro_kind::either)
      return branch_of(from, to);
    auto& made = add(from, to);
    switch (from.kind) {
    case field_kind::list:
      if (to.kind != avro_kind::array)
        break;
      made.inner = make(*from.element, *to.parts.front());
      return &made;
    case field_kind::record:
      if (to.kind != avro_kind::record)
        break;
      return record(made);
    case field_kind::enumeration:
      if (to.kind != avro_kind::enumeration)
        break;
      return enumeration(made);
    default:
      if (simple(from.kind, to))
        return &made;
    }
    throw pipeline_error{fmt::format("{}cannot be written as Avro's {}", place(), to_text(to))};
  }

private:
  plan& add(const field_type& from, const avro_type& to) {
    auto& made = plans_.emplace_back();
    made.from = &from;
    made.to = &to;
    return made;
  }

  static bool simple(field_kind from, const avro_type& to) {
    switch (from) {
    case field_kind::boolean:
      return to.kind == avro_kind::boolean;
    case field_kind::float32:
      return to.kind == avro_kind::float32 || to.kind == avro_kind::float64;
    case field_kind::float64:
      return to.kind == avro_kind::float64;
    case field_kind::string:
      return to.kind == avro_kind::string || to.kind == avro_kind::bytes;
    case field_kind::decimal:
      return to.logical == avro_logical::decimal;
    case field_kind::timestamp_millis:
      return to.kind == avro_kind::int64;
    default: // what does not fit is refused record by record
      return to.kind == avro_kind::int64 || to.kind == avro_kind::int32;
    }
  }

  /// The first branch that a value can be written as.
  plan* branch_of(const field_type& from, const avro_type& to) {
    std::string reason;
    for (std::size_t i = 0; i < to.parts.size(); ++i)
      if (to.parts[i]->kind != avro_kind::null)
        try {
          auto* const made = make(from, *to.parts[i]);
          wire::put_folded(made->before, static_cast<std::int64_t>(i));
          return made;
        } catch (const pipeline_error& e) {
          reason = reason.empty() ? e.what() : reason;
        }
    throw pipeline_error{reason.empty() ? fmt::format("{}cannot be written as null alone", place()) : reason};
  }

  plan* optional(const field_type& from, const avro_type& to) {
    const auto null = std::ranges::find(to.parts, avro_kind::null, &avro_type::kind);
    if (to.kind != avro_kind::either || null == to.parts.end())
      throw pipeline_error{
        fmt::format("{}may have no value, for which the schema has no place: make its type a union with null", place())};
    auto& made = add(from, to);
    wire::put_folded(made.none, null - to.parts.begin());
    made.inner = branch_of(*from.element, to);
    return &made;
  }

  plan* record(plan& made) {
    const auto& fields = made.from->record->fields();
    for (const auto& f : made.to->fields) {
      const auto known = std::ranges::find(fields, f.name, &field::name);
      if (known == fields.end() && !f.fallback)
        throw pipeline_error{fmt::format(
          "{}record `{}` has no field `{}`, which the schema wants: add it, or give it a default in the schema", place(),
          made.from->record->name(), f.name)};
      if (known == fields.end())
        made.steps.push_back({nullptr, nullptr, *f.fallback});
      else
        made.steps.push_back({inside(*known, *f.type), &*known});
    }
    for (const auto& f : fields)
      if (std::ranges::find(made.to->fields, f.name, &avro_field::name) == made.to->fields.end())
        throw pipeline_error{fmt::format(
          "{}the schema's {} has no field `{}`: its values would be lost. Add it to the schema", place(), to_text(*made.to),
          f.name)};
    return &made;
  }

  plan* inside(const field& f, const avro_type& to) {
    const auto before = path_.size();
    path_ += (path_.empty() ? "" : ".") + f.name;
    auto* const made = make(*f.type, to);
    path_.resize(before);
    return made;
  }

  plan* enumeration(plan& made) {
    for (const auto& e : made.from->enumeration->names) {
      const auto symbol = std::ranges::find(made.to->symbols, e.name);
      if (symbol == made.to->symbols.end())
        throw pipeline_error{fmt::format("{}the schema's {} has no symbol `{}`", place(), to_text(*made.to), e.name)};
      std::string bytes;
      wire::put_folded(bytes, symbol - made.to->symbols.begin());
      made.names.emplace_back(e.value, std::move(bytes));
    }
    return &made;
  }

  [[nodiscard]] std::string place() const { return path_.empty() ? "" : fmt::format("field `{}`: ", path_); }

  std::deque<plan>& plans_; // places stay
  std::string path_;
};

avro_encoder::avro_encoder(std::shared_ptr<const avro_schema> with, const schema& of, std::string prefix)
  : with_{std::move(with)}, prefix_{std::move(prefix)} {
  record_.kind = field_kind::record;
  record_.size = of.size();
  record_.record = &of;
  root_ = planner{plans_}.make(record_, with_->root());
}

avro_encoder::~avro_encoder() = default;

void avro_encoder::encode(
  const void* records, std::size_t stride, std::size_t count, encoded_records& out, std::vector<rejection>& rejected) {
  const auto* record = static_cast<const char*>(records);
  for (std::size_t i = 0; i < count; ++i, record += stride) {
    const auto begin = out.bytes.size();
    out.bytes.append(prefix_);
    if (!value(*root_, record, out.bytes)) {
      out.bytes.resize(begin);
      rejected.push_back({i, reason()});
    }
    out.ends.push_back(out.bytes.size());
  }
}

bool avro_encoder::value(const plan& how, const void* from, std::string& to) {
  to.append(how.before);
  switch (how.from->kind) {
  case field_kind::boolean:
    to.push_back(*static_cast<const bool*>(from) ? '\1' : '\0');
    return true;
  case field_kind::float32: {
    const auto number = *static_cast<const float*>(from);
    how.to->kind == avro_kind::float32 ? wire::put_raw(to, number) : wire::put_raw(to, double{number});
    return true;
  }
  case field_kind::float64:
    wire::put_raw(to, *static_cast<const double*>(from));
    return true;
  case field_kind::string: {
    const auto& text = *static_cast<const std::string*>(from);
    put_avro_text(to, text);
    return how.to->kind == avro_kind::bytes || find_invalid_utf8(text) == std::string_view::npos ||
           refuse("the text is not UTF-8");
  }
  case field_kind::decimal:
    return decimal_number(how, from, to);
  case field_kind::timestamp_millis:
    return integer(how, from, to);
  case field_kind::enumeration:
    return enumeration(how, from, to);
  case field_kind::optional:
    if (const void* const present = how.from->optional->get(*how.from, from))
      return value(*how.inner, present, to);
    to.append(how.none);
    return true;
  case field_kind::list:
    return list(how, from, to);
  case field_kind::record:
    return record(how, from, to);
  default:
    return integer(how, from, to);
  }
}

bool avro_encoder::record(const plan& how, const void* from, std::string& to) {
  for (const auto& next : how.steps) {
    if (!next.of)
      to.append(next.bytes);
    else if (!value(*next.what, next.of->in(from), to))
      return within(next.of->name);
  }
  return true;
}

bool avro_encoder::list(const plan& how, const void* from, std::string& to) {
  const auto& type = *how.from;
  const auto count = type.list->size(type, from);
  const auto* element = static_cast<const char*>(type.list->data(type, from));
  if (count != 0)
    wire::put_folded(to, static_cast<std::int64_t>(count));
  for (std::size_t i = 0; i < count; ++i, element += type.element->size)
    if (!value(*how.inner, element, to))
      return within(fmt::format("[{}]", i));
  wire::put_folded(to, 0);
  return true;
}

bool avro_encoder::integer(const plan& how, const void* from, std::string& to) {
  const bool is_time = how.from->kind == field_kind::timestamp_millis;
  auto n = is_time ? to_millis(*static_cast<const timestamp*>(from)) : load_integer(how.from->kind, from);
  bool fits = how.from->kind != field_kind::uint64 || n >= 0;
  if (how.to->logical == avro_logical::timestamp_micros && is_time)
    fits = !__builtin_mul_overflow(n, std::int64_t{1'000}, &n);
  if (how.to->kind == avro_kind::int32)
    fits = fits && n == static_cast<std::int32_t>(n);
  wire::put_folded(to, n);
  return fits || refuse(fmt::format("the number does not fit into Avro's {}", to_text(*how.to)));
}

/// The number without a point, most significant byte first, negative ones as their complement, in as few bytes as it needs.
bool avro_encoder::decimal_number(const plan& how, const void* from, std::string& to) {
  const auto& type = *how.to;
  const auto& number = *static_cast<const decimal*>(from);
  std::optional<decimal> scaled;
  try {
    scaled = number.round(std::min(type.scale, decimal::max_digits), rounding::down);
  } catch (const std::overflow_error&) {
  }
  if (!scaled || type.scale > decimal::max_digits || *scaled != number || scaled->digits() > type.precision)
    return refuse(fmt::format(
      "{} has no place in the schema's decimal of {} digits, {} of them behind the point", to_string(number),
      type.precision, type.scale));
  std::array<char, sizeof(decimal::int128)> bytes;
  auto rest = scaled->unscaled();
  for (auto at = bytes.rbegin(); at != bytes.rend(); ++at, rest >>= 8)
    *at = static_cast<char>(rest);
  const char sign = scaled->unscaled() < 0 ? '\xff' : '\0';
  std::string_view needed{bytes.data(), bytes.size()};
  while (needed.size() > 1 && needed[0] == sign && (needed[1] < 0) == (sign < 0))
    needed.remove_prefix(1);
  if (type.kind == avro_kind::bytes) {
    put_avro_text(to, needed);
    return true;
  }
  if (needed.size() > type.size)
    return refuse(fmt::format("{} has no place in {} bytes", to_string(number), type.size));
  to.append(type.size - needed.size(), sign);
  to.append(needed);
  return true;
}

bool avro_encoder::enumeration(const plan& how, const void* from, std::string& to) {
  const auto number = load_integer(how.from->element->kind, from);
  const auto known = std::ranges::find(how.names, number, &std::pair<std::int64_t, std::string>::first);
  if (known == how.names.end())
    return refuse(fmt::format("the value {} of the enum has no name", number));
  to.append(known->second);
  return true;
}

} // namespace leat
