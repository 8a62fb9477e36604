#include <leat/base/schema.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace leat {

schema::schema(std::string name, std::size_t size, std::vector<field> fields)
  : name_{std::move(name)}, size_{size}, fields_{std::move(fields)} {
  for (const auto& f : fields_) {
    if (find(f.name) != &f)
      throw pipeline_error{fmt::format("record `{}` has two fields named `{}`: rename one", name_, f.name)};
    if (f.offset + f.type->size > size_)
      throw pipeline_error{fmt::format(
        "field `{}` of record `{}` needs {} bytes at offset {}, but the record has only {}", f.name, name_, f.type->size,
        f.offset, size_)};
  }
}

schema::schema(std::string name, std::size_t size, const message_access* how)
  : name_{std::move(name)}, size_{size}, is_message_{true}, message_{how} {}

void schema::refuse_fields() const {
  throw pipeline_error{fmt::format(
    "records `{}` are messages of Protobuf, which are read and written in the formats {} only: make a described struct of "
    "each "
    "by .map(…) for others",
    name_, message_ ? "protobuf and json" : "that know their messages")};
}

const field* schema::find(std::string_view field_name) const noexcept {
  for (const auto& f : fields_)
    if (f.name == field_name)
      return &f;
  return nullptr;
}

std::string schema_detail::type_name(std::string_view pretty_function) {
  constexpr std::string_view marker = "T = ";
  auto name = pretty_function.substr(pretty_function.find(marker) + marker.size());
  name = name.substr(0, name.find(';'));
  if (name.ends_with(']'))
    name.remove_suffix(1);
  // A type in an unnamed namespace or in a function: what stands before is no part of a name anybody could write.
  for (const std::string_view local : {"{anonymous}::", "(anonymous namespace)::", ")::"})
    if (const auto at = name.rfind(local); at != name.npos)
      name.remove_prefix(at + local.size());
  return std::string{name};
}

} // namespace leat
