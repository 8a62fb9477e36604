#include <leat/base/error.hpp>
#include <leat/connectors/formats/avro.hpp>
#include <leat/connectors/formats/avro/avro_name.hpp>
#include <leat/connectors/formats/dotted_name.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>

#include <fmt/format.h>

#include <set>

namespace leat {
namespace {

class schema_writer {
public:
  explicit schema_writer(int decimal_scale) : decimal_scale_{decimal_scale} {}

  std::string write(const schema& of) {
    record(of);
    return std::string{to_.text()};
  }

private:
  static void check(const schema& of, const std::string& name) {
    if (!is_avro_name(name))
      throw pipeline_error{fmt::format("field `{}` of record `{}` has a name that Avro does not allow", name, of.name())};
  }

  void record(const schema& of) {
    const auto name = dotted_name(of.name());
    if (!written_.insert(name).second)
      return quoted(name);
    to_.raw(R"({"type":"record","name":)");
    quoted(name);
    to_.raw(R"(,"fields":[)");
    for (const auto& f : of.fields()) {
      check(of, f.name);
      to_.raw(&f == &of.fields().front() ? R"({"name":)" : R"(,{"name":)");
      quoted(f.name);
      to_.raw(R"(,"type":)");
      type(*f.type, fmt::format("{}_{}", name, f.name));
      if (f.type->kind == field_kind::optional)
        to_.raw(R"(,"default":null)");
      to_.raw('}');
    }
    to_.raw("]}");
  }

  /// @param name of an enum: C++ knows its own only where it is described.
  void type(const field_type& t, const std::string& name) {
    switch (t.kind) {
    case field_kind::boolean:
      return to_.raw(R"("boolean")");
    case field_kind::float32:
      return to_.raw(R"("float")");
    case field_kind::float64:
      return to_.raw(R"("double")");
    case field_kind::string:
      return to_.raw(R"("string")");
    case field_kind::decimal:
      return to_.raw(fmt::format(
        R"({{"type":"bytes","logicalType":"decimal","precision":{},"scale":{}}})", decimal::max_digits, decimal_scale_));
    case field_kind::timestamp_millis:
      return to_.raw(R"({"type":"long","logicalType":"timestamp-millis"})");
    case field_kind::enumeration:
      return enumeration(t, name);
    case field_kind::optional:
      to_.raw(R"(["null",)");
      type(*t.element, name);
      return to_.raw(']');
    case field_kind::list:
      to_.raw(R"({"type":"array","items":)");
      type(*t.element, name);
      return to_.raw('}');
    case field_kind::record:
      return record(*t.record);
    case field_kind::int64:
    case field_kind::uint32:
    case field_kind::uint64:
      return to_.raw(R"("long")");
    default:
      return to_.raw(R"("int")");
    }
  }

  void enumeration(const field_type& t, const std::string& name) {
    to_.raw(R"({"type":"enum","name":)");
    quoted(name);
    to_.raw(R"(,"symbols":[)");
    for (const auto& e : t.enumeration->names) {
      if (&e != &t.enumeration->names.front())
        to_.raw(',');
      quoted(e.name);
    }
    to_.raw("]}");
  }

  void quoted(const std::string& text) { (void)to_.string(text); }

  const int decimal_scale_;
  json_writer to_;
  std::set<std::string> written_;
};

} // namespace

std::string avro_schema_of(const schema& of, int decimal_scale) { return schema_writer{decimal_scale}.write(of); }

} // namespace leat
