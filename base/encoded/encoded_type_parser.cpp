#include <leat/base/encoded/encoded_type.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace leat {

namespace {

/// Where the parts of a type lie that was read from text.
struct owned_type {
  std::deque<encoded_type> types;
  std::deque<std::vector<encoded_type::part>> parts;
  std::deque<std::vector<encoded_type::enumerator>> enumerators;
  std::deque<std::string> names;
};

constexpr std::pair<std::string_view, encoded_type> words[] = {
  {"nothing", {.kind = encoded_kind::nothing}},
  {"bool", {.kind = encoded_kind::boolean}},
  {"uint8", {.kind = encoded_kind::unsigned_number, .size = 1}},
  {"uint16", {.kind = encoded_kind::unsigned_number, .size = 2}},
  {"uint32", {.kind = encoded_kind::unsigned_number, .size = 4}},
  {"uint64", {.kind = encoded_kind::unsigned_number, .size = 8}},
  {"int8", {.kind = encoded_kind::signed_number, .size = 1}},
  {"int16", {.kind = encoded_kind::signed_number, .size = 2}},
  {"int32", {.kind = encoded_kind::signed_number, .size = 4}},
  {"int64", {.kind = encoded_kind::signed_number, .size = 8}},
  {"float32", {.kind = encoded_kind::floating, .size = 4}},
  {"float64", {.kind = encoded_kind::floating, .size = 8}},
  {"float128", {.kind = encoded_kind::floating, .size = 16}},
  {"decimal", {.kind = encoded_kind::decimal}},
  {"text", {.kind = encoded_kind::text}},
  {"timestamp", {.kind = encoded_kind::timestamp}},
  {"any_message", {.kind = encoded_kind::any_message}},
};

struct composite {
  std::string_view word;
  encoded_type type;
  std::size_t least, most; // parts
};

constexpr auto any = std::string_view::npos;
constexpr composite composites[] = {
  {"optional", {.kind = encoded_kind::optional}, 1, 1},
  {"set", {.kind = encoded_kind::set}, 1, 1},
  {"hash_set", {.kind = encoded_kind::set, .hashed = true}, 1, 1},
  {"map", {.kind = encoded_kind::map}, 2, 2},
  {"hash_map", {.kind = encoded_kind::map, .hashed = true}, 2, 2},
  {"variant", {.kind = encoded_kind::variant}, 1, any},
  {"expiring", {.kind = encoded_kind::expiring}, 1, 1},
};

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// A function for each rule of the grammar.
class type_parser {
public:
  explicit type_parser(std::string_view text) : text_{text}, rest_{text} {}

  std::shared_ptr<const encoded_type> parse_all() {
    const auto* const type = parse();
    if (!rest_.empty())
      fail("the end");
    return {made_, type};
  }

private:
  const encoded_type* parse() {
    if (take("^"))
      return parse_type_around();
    if (around_.size() == max_depth)
      fail("a type that is nested less");
    auto& type = made_->types.emplace_back();
    around_.push_back(&type);
    if (take("["))
      type.kind = encoded_kind::list, parse_parts(type, "]", 1, 1);
    else if (take("("))
      type.kind = encoded_kind::tuple, parse_parts(type, ")", 0, any);
    else if (take("{"))
      type.kind = encoded_kind::record, parse_parts(type, "}", 0, any);
    else
      parse_named(type);
    around_.pop_back();
    return &type;
  }

  const encoded_type* parse_type_around() {
    const auto out = parse_number();
    if (out < 1 || static_cast<std::uint64_t>(out) > around_.size())
      fail("a type around this one");
    return around_[around_.size() - static_cast<std::size_t>(out)];
  }

  void parse_named(encoded_type& type) {
    const auto before = rest_;
    const auto word = parse_name("a type");
    for (const auto& [name, simple] : words)
      if (word == name)
        return void(type = simple);
    for (const auto& c : composites)
      if (word == c.word && take("<")) {
        type = c.type;
        return parse_parts(type, ">", c.least, c.most);
      }
    if (word == "duration" && take("<"))
      return parse_duration(type);
    if (word == "enum" && take("<"))
      return parse_enum(type);
    if (word == "message" && take("<\""))
      return parse_message(type);
    if (word == "opaque" && take("<\""))
      return parse_opaque(type);
    rest_ = before;
    fail("a type");
  }

  void parse_parts(encoded_type& type, std::string_view close, std::size_t least, std::size_t most) {
    std::vector<encoded_type::part> parts;
    while (!take(close)) {
      if (!parts.empty())
        expect(", ");
      encoded_type::part part;
      if (type.kind == encoded_kind::record) {
        part.name = made_->names.emplace_back(parse_name("the name of a member"));
        expect(": ");
      }
      part.type = parse();
      parts.push_back(part);
    }
    if (parts.size() < least || parts.size() > most)
      fail(fmt::format("another number of parts than {}", parts.size()));
    type.parts = made_->parts.emplace_back(std::move(parts));
  }

  void parse_duration(encoded_type& type) {
    type.kind = encoded_kind::duration;
    if (take("[")) {
      type.num = parse_number();
      expect("/");
      type.den = parse_number();
      expect("]s>");
    } else {
      const auto unit = std::find_if(
        std::begin(time_units), std::end(time_units), [&](const time_unit& u) { return take(std::string{u.name} + '>'); });
      if (unit == std::end(time_units))
        fail("a unit of time");
      type.num = unit->num;
      type.den = unit->den;
    }
  }

  void parse_enum(encoded_type& type) {
    type.kind = encoded_kind::enumeration;
    parse_parts(type, ">", 1, 1);
    const auto underlying = type.element().kind;
    if (
      underlying != encoded_kind::boolean && underlying != encoded_kind::signed_number &&
      underlying != encoded_kind::unsigned_number)
      fail("an enum of integers");
    if (!take("{"))
      return;
    std::vector<encoded_type::enumerator> all;
    do {
      const auto name = parse_name("the name of a value");
      expect(" = ");
      all.push_back({made_->names.emplace_back(name), parse_number()});
    } while (take(", "));
    expect("}");
    type.enumerators = made_->enumerators.emplace_back(std::move(all));
  }

  void parse_message(encoded_type& type) {
    type.kind = encoded_kind::message;
    type.name = made_->names.emplace_back(take_until("\", \"", "the end of a name"));
    type.definition = made_->names.emplace_back(take_until("\">", "the end of a definition"));
  }

  void parse_opaque(encoded_type& type) {
    type.kind = encoded_kind::opaque;
    auto& name = made_->names.emplace_back();
    while (!take("\">")) {
      take("\\");
      if (rest_.empty())
        fail("the end of a name");
      name += rest_.front();
      rest_.remove_prefix(1);
    }
    type.name = name;
  }

  std::string_view take_until(std::string_view mark, std::string_view what) {
    const auto end = rest_.find(mark);
    if (end == std::string_view::npos)
      fail(what);
    const auto taken = rest_.substr(0, end);
    rest_.remove_prefix(end + mark.size());
    return taken;
  }

  std::string_view parse_name(std::string_view what) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), in_name);
    const auto name = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    if (name.empty())
      fail(what);
    rest_.remove_prefix(name.size());
    return name;
  }

  std::int64_t parse_number() {
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), n);
    if (error != std::errc{})
      fail("a number");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return n;
  }

  bool take(std::string_view what) {
    if (!rest_.starts_with(what))
      return false;
    rest_.remove_prefix(what.size());
    return true;
  }

  void expect(std::string_view what) {
    if (!take(what))
      fail(fmt::format("'{}'", what));
  }

  [[noreturn]] void fail(std::string_view expected) const {
    throw state_error{fmt::format(
      "'{}' does not describe the type of a saved value: at character {} there should be {}. The saved state is damaged, "
      "or "
      "from a later version of Leat",
      text_, text_.size() - rest_.size() + 1, expected)};
  }

  static constexpr std::size_t max_depth = 200;

  std::string_view text_;
  std::string_view rest_;
  std::shared_ptr<owned_type> made_ = std::make_shared<owned_type>();
  std::vector<const encoded_type*> around_; // the types that the present one is part of
};

} // namespace

std::shared_ptr<const encoded_type> parse_encoded_type(std::string_view text) { return type_parser{text}.parse_all(); }

} // namespace leat
