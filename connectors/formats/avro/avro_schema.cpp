#include <leat/connectors/formats/avro/avro_schema.hpp>

#include <leat/base/decimal.hpp>
#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/connectors/formats/avro/avro_default.hpp>
#include <leat/connectors/formats/avro/avro_name.hpp>

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

namespace leat {

struct avro_schema::parts {
  std::deque<avro_type> types;
};

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

struct simple_type {
  std::string_view name;
  avro_kind kind;
  std::size_t least_bytes;
};

constexpr simple_type simple_types[] = {
  {"null", avro_kind::null, 0},   {"boolean", avro_kind::boolean, 1}, {"int", avro_kind::int32, 1},
  {"long", avro_kind::int64, 1},  {"float", avro_kind::float32, 4},   {"double", avro_kind::float64, 8},
  {"bytes", avro_kind::bytes, 1}, {"string", avro_kind::string, 1},
};

const simple_type* simple(std::string_view name) {
  const auto* const found = std::ranges::find(simple_types, name, &simple_type::name);
  return found == std::end(simple_types) ? nullptr : found;
}

/// What values of a simpler type may stand for, but for decimals, which have sizes.
struct annotation {
  std::string_view name;
  avro_kind of;
  avro_logical logical;
};

constexpr annotation annotations[] = {
  {"date", avro_kind::int32, avro_logical::date},
  {"time-millis", avro_kind::int32, avro_logical::time_millis},
  {"time-micros", avro_kind::int64, avro_logical::time_micros},
  {"timestamp-millis", avro_kind::int64, avro_logical::timestamp_millis},
  {"timestamp-micros", avro_kind::int64, avro_logical::timestamp_micros},
  {"local-timestamp-millis", avro_kind::int64, avro_logical::local_timestamp_millis},
  {"local-timestamp-micros", avro_kind::int64, avro_logical::local_timestamp_micros},
  {"uuid", avro_kind::fixed, avro_logical::uuid},
};

constexpr std::size_t uuid_bytes = 16;

/// "shop" of "shop.Order".
std::string_view space_of(std::string_view full_name) {
  const auto dot = full_name.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : full_name.substr(0, dot);
}

std::string full_name(std::string_view name, std::string_view space) {
  return space.empty() || name.find('.') != std::string_view::npos ? std::string{name} : fmt::format("{}.{}", space, name);
}

std::optional<std::string_view> text(const object& o, std::string_view member) {
  std::string_view found;
  return o[member].get(found) == simdjson::SUCCESS ? std::optional{found} : std::nullopt;
}

int number(const object& o, std::string_view member, int otherwise) {
  std::int64_t found = 0;
  return o[member].get(found) == simdjson::SUCCESS && found == static_cast<int>(found) ? static_cast<int>(found)
                                                                                       : otherwise;
}

/// Declarations become types, each by the function of its kind.
class schema_parser {
public:
  explicit schema_parser(std::deque<avro_type>& to) : types_{to} {}

  const avro_type* parse(std::string_view json) {
    if (const auto* const known = simple(json)) // some registries hand them out without their quotes
      return &add(*known);
    simdjson::dom::parser parser;
    element root;
    if (const auto failed = parser.parse(json.data(), json.size()).get(root); failed != simdjson::SUCCESS)
      throw config_error{fmt::format("the Avro schema is no JSON: {}", simdjson::error_message(failed))};
    const auto* const made = type_of(root, "");
    std::set<const avro_type*> inside;
    for (auto& t : types_)
      weigh(t, inside);
    for (const auto& d : defaults_) // when all types are known
      d.of->fields[d.field].fallback = avro_default(*d.of->fields[d.field].type, d.value, d.where);
    defaults_.clear(); // they are the text's
    return made;
  }

private:
  struct declared_default {
    avro_type* of;
    std::size_t field;
    element value;
    std::string where;
  };

  avro_type& add(const simple_type& known) {
    auto& made = types_.emplace_back();
    made.kind = known.kind;
    made.least_bytes = known.least_bytes;
    return made;
  }

  const avro_type* type_of(element e, std::string_view space) {
    constexpr int deepest = 200;
    if (++depth_ > deepest)
      throw wrong("is nested too deep");
    object o;
    const avro_type* made = nullptr;
    if (std::string_view name; e.get(name) == simdjson::SUCCESS)
      made = named(name, space);
    else if (e.is_array())
      made = either_of(simdjson::dom::array{e}, space);
    else if (e.get(o) == simdjson::SUCCESS)
      made = declared(o, space);
    else
      throw wrong(fmt::format("expected a type, found {}", excerpt(simdjson::minify(e))));
    --depth_;
    return made;
  }

  const avro_type* named(std::string_view name, std::string_view space) {
    if (const auto* const known = simple(name))
      return &add(*known);
    for (const auto& full : {full_name(name, space), std::string{name}})
      if (const auto found = by_name_.find(full); found != by_name_.end())
        return found->second;
    throw wrong(fmt::format("there is no type `{}`", excerpt(name)));
  }

  const avro_type* declared(const object& o, std::string_view space) {
    element what;
    if (o["type"].get(what) != simdjson::SUCCESS)
      throw wrong("a type needs a member \"type\"");
    const auto kind = text(o, "type");
    if (!kind)
      return type_of(what, space);
    if (*kind == "record" || *kind == "error")
      return record_of(o, space);
    if (*kind == "enum")
      return enumeration_of(o, space);
    if (*kind == "fixed")
      return fixed_of(o, space);
    if (*kind == "array" || *kind == "map")
      return collection_of(*kind, o, space);
    const auto* const known = simple(*kind);
    if (!known)
      return named(*kind, space);
    auto& made = add(*known);
    annotate(made, o);
    return &made;
  }

  const avro_type* either_of(simdjson::dom::array branches, std::string_view space) {
    auto& made = types_.emplace_back();
    made.kind = avro_kind::either;
    made.least_bytes = 1;
    std::set<std::pair<avro_kind, std::string>> seen;
    for (const auto branch : branches) {
      const auto* const type = type_of(branch, space);
      if (type->kind == avro_kind::either)
        throw wrong("a union directly contains another one");
      if (!seen.emplace(type->kind, type->name).second)
        throw wrong(fmt::format("a union has {} twice", to_text(*type)));
      made.parts.push_back(type);
    }
    if (made.parts.empty())
      throw wrong("a union has no branches");
    return &made;
  }

  /// A type with a name, which may be used from now on, also in itself.
  avro_type& declare(const object& o, std::string_view space, avro_kind kind) {
    const auto name = text(o, "name").value_or("");
    auto full = full_name(name, text(o, "namespace").value_or(space));
    for (std::string_view rest = full; !rest.empty();
         rest = rest.find('.') == rest.npos ? "" : rest.substr(rest.find('.') + 1))
      if (!is_avro_name(rest.substr(0, rest.find('.'))))
        full.clear();
    if (full.empty())
      throw wrong(fmt::format("\"{}\" is no name of a type", excerpt(name)));
    auto& made = types_.emplace_back();
    made.kind = kind;
    made.name = full;
    if (!by_name_.emplace(full, &made).second)
      throw wrong(fmt::format("there are two types `{}`", full));
    return made;
  }

  const avro_type* record_of(const object& o, std::string_view space) {
    auto& made = declare(o, space, avro_kind::record);
    simdjson::dom::array fields;
    if (o["fields"].get(fields) != simdjson::SUCCESS)
      throw wrong(fmt::format("record `{}` has no \"fields\"", made.name));
    for (const auto f : fields)
      add_field(made, f);
    return &made;
  }

  void add_field(avro_type& to, element e) {
    object o;
    element type;
    if (e.get(o) != simdjson::SUCCESS || o["type"].get(type) != simdjson::SUCCESS)
      throw wrong(fmt::format("a field of record `{}` is no object with a \"name\" and a \"type\"", to.name));
    avro_field made;
    made.name = text(o, "name").value_or("");
    if (!is_avro_name(made.name))
      throw wrong(fmt::format("\"{}\" is no name of a field of record `{}`", excerpt(made.name), to.name));
    if (std::ranges::find(to.fields, made.name, &avro_field::name) != to.fields.end())
      throw wrong(fmt::format("record `{}` has two fields `{}`", to.name, made.name));
    simdjson::dom::array aliases;
    if (o["aliases"].get(aliases) == simdjson::SUCCESS)
      for (const auto alias : aliases)
        if (std::string_view name; alias.get(name) == simdjson::SUCCESS)
          made.aliases.emplace_back(name);
    made.type = type_of(type, space_of(to.name));
    if (element fallback; o["default"].get(fallback) == simdjson::SUCCESS)
      defaults_.push_back({&to, to.fields.size(), fallback, fmt::format("field `{}.{}`", to.name, made.name)});
    to.fields.push_back(std::move(made));
  }

  const avro_type* enumeration_of(const object& o, std::string_view space) {
    auto& made = declare(o, space, avro_kind::enumeration);
    made.least_bytes = 1;
    simdjson::dom::array symbols;
    if (o["symbols"].get(symbols) != simdjson::SUCCESS)
      throw wrong(fmt::format("enumeration `{}` has no \"symbols\"", made.name));
    for (const auto symbol : symbols) {
      std::string_view name;
      if (
        symbol.get(name) != simdjson::SUCCESS || !is_avro_name(name) ||
        std::ranges::find(made.symbols, name) != made.symbols.end())
        throw wrong(fmt::format("enumeration `{}` has a symbol that is no name, or twice", made.name));
      made.symbols.emplace_back(name);
    }
    return &made;
  }

  const avro_type* fixed_of(const object& o, std::string_view space) {
    auto& made = declare(o, space, avro_kind::fixed);
    const auto size = number(o, "size", -1);
    if (size < 0)
      throw wrong(fmt::format("fixed `{}` has no \"size\"", made.name));
    made.size = made.least_bytes = static_cast<std::size_t>(size);
    annotate(made, o);
    return &made;
  }

  const avro_type* collection_of(std::string_view kind, const object& o, std::string_view space) {
    const std::string_view what = kind == "array" ? "items" : "values";
    element inner;
    if (o[what].get(inner) != simdjson::SUCCESS)
      throw wrong(fmt::format("a type \"{}\" has no \"{}\"", kind, what));
    auto& made = types_.emplace_back();
    made.kind = kind == "array" ? avro_kind::array : avro_kind::map;
    made.least_bytes = 1;
    made.parts.push_back(type_of(inner, space));
    return &made;
  }

  /// An annotation that does not fit its type is none (specification, "Logical Types").
  static void annotate(avro_type& t, const object& o) {
    const auto what = text(o, "logicalType").value_or("");
    const auto* const known = std::ranges::find(annotations, what, &annotation::name);
    if (known != std::end(annotations) && known->of == t.kind && (t.kind != avro_kind::fixed || t.size == uuid_bytes))
      t.logical = known->logical;
    const int precision = number(o, "precision", 0), scale = number(o, "scale", 0);
    const bool has_bytes = t.kind == avro_kind::bytes || t.kind == avro_kind::fixed;
    if (what != "decimal" || !has_bytes || precision < 1 || scale < 0 || scale > precision)
      return;
    t.logical = avro_logical::decimal;
    t.precision = precision;
    t.scale = scale;
  }

  /// What a record takes at least is what its fields do; what arrays, maps and unions contain may be absent.
  std::size_t weigh(avro_type& t, std::set<const avro_type*>& inside) {
    if (t.kind != avro_kind::record || weighed_.contains(&t))
      return t.least_bytes;
    if (!inside.insert(&t).second)
      throw wrong(fmt::format("record `{}` contains itself in every value", t.name));
    t.least_bytes = 0;
    for (const auto& f : t.fields)
      t.least_bytes += weigh(const_cast<avro_type&>(*f.type), inside);
    inside.erase(&t);
    weighed_.insert(&t);
    return t.least_bytes;
  }

  static config_error wrong(const std::string& what) { return config_error{fmt::format("the Avro schema: {}", what)}; }

  std::deque<avro_type>& types_; // places stay
  std::map<std::string, const avro_type*, std::less<>> by_name_;
  std::vector<declared_default> defaults_;
  std::set<const avro_type*> weighed_;
  int depth_ = 0;
};

} // namespace

std::string to_text(const avro_type& type) {
  switch (type.kind) {
  case avro_kind::record:
    return fmt::format("record `{}`", type.name);
  case avro_kind::enumeration:
    return fmt::format("enum `{}`", type.name);
  case avro_kind::fixed:
    return fmt::format("fixed `{}`", type.name);
  case avro_kind::array:
    return "array";
  case avro_kind::map:
    return "map";
  case avro_kind::either:
    return "union";
  default:
    return std::string{std::ranges::find(simple_types, type.kind, &simple_type::kind)->name};
  }
}

avro_schema::avro_schema(std::string_view json, std::span<const std::string> beside) : parts_{std::make_unique<parts>()} {
  schema_parser parser{parts_->types};
  for (const auto& other : beside)
    (void)parser.parse(other);
  root_ = parser.parse(json);
}

avro_schema::~avro_schema() = default;

} // namespace leat
