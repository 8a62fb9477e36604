#include <leat/connectors/formats/avro/avro_resolution.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

using way = avro_plan::way;

bool is_whole(avro_kind kind) { return kind == avro_kind::int32 || kind == avro_kind::int64; }

std::string joined(const std::string& path, const std::string& inside) {
  return fmt::format("{}{}{}", path, path.empty() || inside.empty() || inside.front() == '[' ? "" : ".", inside);
}

/// A field that cannot be read, and why.
struct unreadable {
  std::string path, what;
};

/// Whether the kind is Avro's int, not long: all of its values are among those of 32 bits with a sign.
bool is_int(field_kind kind) {
  return kind == field_kind::int8 || kind == field_kind::int16 || kind == field_kind::int32 || kind == field_kind::uint8 ||
         kind == field_kind::uint16;
}

} // namespace

/// Goes through a writer's type and a type of Leat side by side.
class avro_resolution::resolver {
public:
  explicit resolver(std::deque<avro_plan>& to) : plans_{to} {}

  const avro_plan* resolve(const avro_type& from, const field_type& to, const avro_type* reader) {
    if (from.kind == avro_kind::either)
      return either(from, to, reader);
    if (to.kind == field_kind::optional)
      return optional(from, to, reader);
    auto& made = add(way::impossible, from, to);
    switch (to.kind) {
    case field_kind::list:
      return list(made, reader);
    case field_kind::record:
      return record(made, reader);
    case field_kind::enumeration:
      return enumeration(made);
    default:
      made.how = simple(from, to);
      return made.how == way::impossible ? refuse(made) : &made;
    }
  }

private:
  avro_plan& add(way how, const avro_type& from, const field_type& to) {
    auto& made = plans_.emplace_back();
    made.how = how;
    made.from = &from;
    made.to = &to;
    return made;
  }

  static way simple(const avro_type& from, const field_type& to) {
    switch (to.kind) {
    case field_kind::boolean:
      return from.kind == avro_kind::boolean ? way::boolean : way::impossible;
    case field_kind::float32:
      return from.kind == avro_kind::float32 ? way::real32 : is_whole(from.kind) ? way::whole_real32 : way::impossible;
    case field_kind::float64:
      return from.kind == avro_kind::float64   ? way::real64
             : from.kind == avro_kind::float32 ? way::widened_real
             : is_whole(from.kind)             ? way::whole_real64
                                               : way::impossible;
    case field_kind::string:
      return from.kind == avro_kind::string ? way::text : from.kind == avro_kind::bytes ? way::bytes : way::impossible;
    case field_kind::timestamp_millis:
      return !is_whole(from.kind)                             ? way::impossible
             : from.logical == avro_logical::timestamp_micros ? way::micros
                                                              : way::millis;
    case field_kind::decimal:
      return from.logical == avro_logical::decimal ? way::decimal : way::impossible;
    default:
      return from.kind == avro_kind::int32 || (from.kind == avro_kind::int64 && !is_int(to.kind)) ? way::integer
                                                                                                  : way::impossible;
    }
  }

  const avro_plan* either(const avro_type& from, const field_type& to, const avro_type* reader) {
    auto& made = add(way::either, from, to);
    const avro_plan* wrong = nullptr;
    bool some = false;
    for (const auto* const branch : from.parts) {
      made.parts.push_back(attempt(*branch, to, reader));
      if (branch->kind == avro_kind::null)
        continue;
      const bool possible = made.parts.back()->how != way::impossible;
      some |= possible;
      wrong = possible || wrong ? wrong : made.parts.back();
    }
    if (!some && wrong)
      throw unreadable{joined(path_, wrong->where), wrong->reason};
    return &made;
  }

  /// What cannot be read is refused when it comes: the other branches can be.
  const avro_plan* attempt(const avro_type& from, const field_type& to, const avro_type* reader) {
    const auto before = path_.size();
    try {
      return resolve(from, to, reader);
    } catch (const unreadable& u) {
      path_.resize(before);
      auto& made = add(way::impossible, from, to);
      made.reason = u.what;
      made.where =
        u.path.substr(std::min(u.path.size(), before + (before > 0 && u.path.size() > before && u.path[before] == '.')));
      return &made;
    }
  }

  const avro_plan* optional(const avro_type& from, const field_type& to, const avro_type* reader) {
    if (from.kind == avro_kind::null)
      return &add(way::absent, from, to);
    auto& made = add(way::present, from, to);
    made.parts.push_back(resolve(from, *to.element, reader));
    return &made;
  }

  const avro_plan* list(avro_plan& made, const avro_type* reader) {
    if (made.from->kind != avro_kind::array)
      return refuse(made);
    made.how = way::list;
    const auto* const inner = of_kind(reader, avro_kind::array);
    made.parts.push_back(resolve(*made.from->parts.front(), *made.to->element, inner ? inner->parts.front() : nullptr));
    return &made;
  }

  const avro_plan* enumeration(avro_plan& made) {
    if (made.from->kind != avro_kind::enumeration)
      return refuse(made);
    made.how = way::enumeration;
    for (const auto& symbol : made.from->symbols) {
      const auto* const known = made.to->enumeration->find(symbol);
      made.values.push_back(known ? std::optional{known->value} : std::nullopt);
    }
    return &made;
  }

  const avro_plan* record(avro_plan& made, const avro_type* reader) {
    if (made.from->kind != avro_kind::record)
      return refuse(made);
    made.how = way::record;
    const auto* const known = of_kind(reader, avro_kind::record);
    const auto& fields = made.to->record->fields();
    std::vector<bool> filled(fields.size());
    for (const auto& f : made.from->fields) {
      const auto place = place_of(f, fields, known, filled);
      avro_plan::step next;
      if (place == fields.size()) {
        next.what = &add(way::skip, *f.type, *made.to);
      } else {
        filled[place] = true;
        next.into = &fields[place];
        next.what = inside(next.into->name, *f.type, *next.into->type, reader_type(known, next.into->name));
      }
      made.steps.push_back(next);
    }
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (!filled[i])
        made.gaps.push_back(gap_of(fields[i], reader_field(known, fields[i].name)));
    return &made;
  }

  const avro_plan* inside(const std::string& name, const avro_type& from, const field_type& to, const avro_type* reader) {
    const auto before = path_.size();
    path_ += (path_.empty() ? "" : ".") + name;
    const auto* const plan = resolve(from, to, reader);
    path_.resize(before);
    return plan;
  }

  /// The field of Leat's that a writer's field is: of the same name, or of one whose alias it has.
  static std::size_t place_of(
    const avro_field& written, const std::vector<field>& fields, const avro_type* reader, const std::vector<bool>& filled) {
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].name == written.name)
        return i;
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (const auto* const known = reader_field(reader, fields[i].name); known && !filled[i])
        if (std::ranges::find(known->aliases, written.name) != known->aliases.end())
          return i;
    return fields.size();
  }

  avro_plan::gap gap_of(const field& of, const avro_field* known) {
    if (known && known->fallback)
      return {&of, inside(of.name, *known->type, *of.type, known->type), *known->fallback};
    if (of.type->kind == field_kind::optional)
      return {&of};
    throw unreadable{
      path_,
      fmt::format(
        "the writer's schema has no field `{}`: make it a std::optional, or give a schema with a default for it", of.name)};
  }

  static const avro_field* reader_field(const avro_type* reader, const std::string& name) {
    if (!reader)
      return nullptr;
    const auto found = std::ranges::find(reader->fields, name, &avro_field::name);
    return found == reader->fields.end() ? nullptr : &*found;
  }

  static const avro_type* reader_type(const avro_type* reader, const std::string& name) {
    const auto* const known = reader_field(reader, name);
    return known ? known->type : nullptr;
  }

  /// The reader's type, or its branch, of a kind.
  static const avro_type* of_kind(const avro_type* reader, avro_kind kind) {
    if (reader && reader->kind == avro_kind::either)
      for (const auto* const branch : reader->parts)
        if (branch->kind == kind)
          return branch;
    return reader && reader->kind == kind ? reader : nullptr;
  }

  const avro_plan* refuse(const avro_plan& made) const {
    throw unreadable{
      path_, fmt::format("the writer's {} cannot be read as {}", to_text(*made.from), to_string(made.to->kind))};
  }

  std::deque<avro_plan>& plans_; // places stay
  std::string path_;
};

avro_resolution::avro_resolution(const avro_schema& writer, const schema& of, const avro_schema* reader) {
  record_.kind = field_kind::record;
  record_.size = of.size();
  record_.record = &of;
  try {
    root_ = resolver{plans_}.resolve(writer.root(), record_, reader ? &reader->root() : nullptr);
  } catch (const unreadable& u) {
    throw connector_error{u.path.empty() ? u.what : fmt::format("field `{}`: {}", u.path, u.what)};
  }
}

} // namespace leat
