#include <leat/connectors/formats/json/json_walker.hpp>

#include <leat/base/excerpt.hpp>

#include <fmt/format.h>

namespace leat {

// What runs past the end of a document depends on what stands behind it, so every refusal there says the same.

json_walker::refused json_walker::refuse(cursor at, std::string_view expected) {
  return refuse_field(at, fmt::format(": expected {}, found {}", expected, found(at)));
}

json_walker::refused json_walker::refuse(cursor at, json_number::outcome read, const field_type& type) {
  if (read == json_number::outcome::out_of_range)
    return refuse_field(at, fmt::format(": {} does not fit into {}", found(at), to_string(type.kind)));
  return refuse(at, is_integer(type.kind) ? "an integer" : "a number");
}

json_walker::refused json_walker::refuse_enumeration(cursor at, const field_type& type) {
  constexpr std::size_t most_names = 8;
  std::string names;
  for (std::size_t i = 0; i < type.enumeration->names.size() && i < most_names; ++i)
    names += (i == 0 ? "" : ", ") + type.enumeration->names[i].name;
  return refuse(at, "one of " + excerpt(names, 100) + (type.enumeration->names.size() > most_names ? ", …" : ""));
}

json_walker::refused json_walker::refuse_field(cursor at, std::string what) {
  if (is_over(at))
    return refuse_syntax(at, "more");
  has_path_ = true;
  path_.clear();
  what_ = std::move(what);
  return {};
}

json_walker::refused json_walker::refuse_syntax(cursor at, std::string_view expected) {
  if (is_over(at))
    return refuse_document("invalid JSON: the document ends too early");
  return refuse_document(fmt::format("invalid JSON at byte {}: expected {}, found {}", *at - begin_, expected, found(at)));
}

json_walker::refused json_walker::refuse_escape(cursor at, std::string_view wrong) {
  if (is_over(at))
    return refuse_syntax(at, "a string");
  return refuse_document(fmt::format("invalid JSON at byte {}: {} in {}", *at - begin_, wrong, found(at)));
}

json_walker::refused json_walker::refuse_document(std::string what) {
  has_path_ = false;
  what_ = std::move(what);
  return {};
}

json_walker::refused json_walker::refuse_missing(std::string_view name) {
  has_path_ = true;
  path_ = name;
  what_ = " is missing";
  return {};
}

/// The refused field lies inside of `segment`: a field's name, or an element's place as "[2]".
json_walker::refused json_walker::within(std::string_view segment) {
  if (!has_path_)
    return {};
  const bool joined = path_.empty() || path_.front() == '[';
  path_ = fmt::format("{}{}{}", segment, joined ? "" : ".", path_);
  return {};
}

std::string json_walker::reason() const {
  return has_path_ ? fmt::format("field `{}`{}", excerpt(path_, 100), what_) : what_;
}

/// A token for a reader: containers by their kind, scalars as they stand in the document.
std::string json_walker::found(cursor at) const {
  if (is_over(at))
    return "the end of the document";
  switch (byte(at)) {
  case '{':
    return "an object";
  case '[':
    return "a list";
  default:
    return excerpt(scalar(at));
  }
}

} // namespace leat
