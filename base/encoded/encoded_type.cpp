#include <leat/base/encoded/encoded_type.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace leat {

namespace {

class type_printer {
public:
  type_printer(std::string& to, bool whole) : to_{to}, whole_{whole} {}

  void print(const encoded_type& t) {
    if (const auto around = std::find(around_.rbegin(), around_.rend(), &t); around != around_.rend())
      return append("^{}", around - around_.rbegin() + 1);
    around_.push_back(&t);
    print_kind(t);
    around_.pop_back();
  }

private:
  void print_kind(const encoded_type& t) {
    switch (t.kind) {
    case encoded_kind::nothing:
      return append("nothing");
    case encoded_kind::boolean:
      return append("bool");
    case encoded_kind::unsigned_number:
      return append("uint{}", t.size * 8);
    case encoded_kind::signed_number:
      return append("int{}", t.size * 8);
    case encoded_kind::floating:
      return append("float{}", t.size * 8);
    case encoded_kind::decimal:
      return append("decimal");
    case encoded_kind::text:
      return append("text");
    case encoded_kind::timestamp:
      return append("timestamp");
    case encoded_kind::duration:
      return append("duration<{}>", unit_text(t.num, t.den));
    case encoded_kind::enumeration:
      return print_enum(t);
    case encoded_kind::optional:
      return print_parts("optional<", t, ">");
    case encoded_kind::list:
      return print_parts("[", t, "]");
    case encoded_kind::set:
      return print_parts(t.hashed ? "hash_set<" : "set<", t, ">");
    case encoded_kind::map:
      return print_parts(t.hashed ? "hash_map<" : "map<", t, ">");
    case encoded_kind::tuple:
      return print_parts("(", t, ")");
    case encoded_kind::record:
      return print_parts("{", t, "}");
    case encoded_kind::variant:
      return print_parts("variant<", t, ">");
    case encoded_kind::expiring:
      return print_parts("expiring<", t, ">");
    case encoded_kind::message:
      return print_message(t);
    case encoded_kind::any_message:
      return append("any_message");
    case encoded_kind::opaque:
      return print_opaque(t.name);
    }
  }

  void print_parts(std::string_view open, const encoded_type& t, std::string_view close) {
    to_ += open;
    for (const auto& part : t.parts) {
      if (&part != t.parts.data())
        to_ += ", ";
      if (t.kind == encoded_kind::record)
        append("{}: ", part.name);
      print(*part.type);
    }
    to_ += close;
  }

  void print_enum(const encoded_type& t) {
    print_parts("enum<", t, ">");
    if (t.enumerators.empty())
      return;
    for (const auto& e : t.enumerators)
      append("{}{} = {}", &e == t.enumerators.data() ? "{" : ", ", e.name, e.number);
    to_ += '}';
  }

  void print_message(const encoded_type& t) {
    append("message<\"{}\"", message_name(t));
    if (whole_)
      append(", \"{}\"", message_definition(t));
    to_ += '>';
  }

  void print_opaque(std::string_view name) {
    to_ += "opaque<\"";
    for (const auto c : name) {
      if (c == '"' || c == '\\')
        to_ += '\\';
      to_ += c;
    }
    to_ += "\">";
  }

  template <class... Args>
  void append(fmt::format_string<Args...> form, Args&&... args) {
    fmt::format_to(std::back_inserter(to_), form, std::forward<Args>(args)...);
  }

  std::string& to_;
  const bool whole_;
  std::vector<const encoded_type*> around_; // the types that the present one is part of
};

} // namespace

std::string type_text(const encoded_type& type) {
  std::string text;
  type_printer{text, true}.print(type);
  return text;
}

std::string shown_type_text(const encoded_type& type) {
  std::string text;
  type_printer{text, false}.print(type);
  return text;
}

std::string_view message_name(const encoded_type& message) {
  return message.message ? std::string_view{message.message->name()} : message.name;
}

std::string_view message_definition(const encoded_type& message) {
  return message.message ? std::string_view{message.message->definition()} : message.definition;
}

std::string unit_text(std::int64_t num, std::int64_t den) {
  for (const auto& u : time_units)
    if (u.num == num && u.den == den)
      return std::string{u.name};
  return fmt::format("[{}/{}]s", num, den);
}

} // namespace leat
