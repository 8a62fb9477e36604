#pragma once

#include <leat/connectors/formats/json/encoded_json.hpp>

#include <cstdint>
#include <string_view>

namespace leat::cli {

/// An object of JSON, member by member; it ends where this does.
class json_object {
public:
  explicit json_object(json_writer& to) : to_{to} { to_.raw('{'); }
  json_object(const json_object&) = delete;
  json_object& operator=(const json_object&) = delete;
  ~json_object() { to_.raw('}'); }

  /// For the member's value.
  json_writer& at(std::string_view name) {
    if (any_)
      to_.raw(',');
    any_ = true;
    write_json_text(to_, name);
    to_.raw(':');
    return to_;
  }

  void text(std::string_view name, std::string_view value) { write_json_text(at(name), value); }
  void number(std::string_view name, std::uint64_t value) { at(name).unsigned_integer(value); }

  /// An array with what `write(element)` writes of each.
  template <class Elements, class Write>
  void array(std::string_view name, const Elements& elements, const Write& write) {
    at(name).raw('[');
    bool first = true;
    for (const auto& element : elements) {
      if (!first)
        to_.raw(',');
      first = false;
      write(element);
    }
    to_.raw(']');
  }

private:
  json_writer& to_;
  bool any_ = false;
};

} // namespace leat::cli
