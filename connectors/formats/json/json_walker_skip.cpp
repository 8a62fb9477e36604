#include <leat/connectors/formats/json/json_walker.hpp>

#include <leat/connectors/formats/json/json_text.hpp>

#include <fmt/format.h>

namespace leat {

/// Checks a value that nobody asked for. Without recursion: the nesting is the sender's choice.
json_walker::cursor json_walker::skip_value(cursor at) {
  std::bitset<max_depth + 1> in_object;
  const auto outside = depth_;
  for (;;) {
    const char opening = byte(at);
    if (opening == '{' || opening == '[') {
      if (depth_ == max_depth && !is_over(at))
        return refuse_document(fmt::format("nested more than {} deep at byte {}", max_depth, *at - begin_));
      if (depth_ == max_depth)
        return refuse_syntax(at, "a value");
      const bool object = opening == '{';
      in_object[++depth_] = object;
      ++at;
      if (byte(at) != (object ? '}' : ']')) {
        if (object && (at = skip_name(at)) == nullptr)
          return nullptr;
        continue;
      }
    } else if ((at = skip_scalar(at)) == nullptr) {
      return nullptr;
    }
    at = skip_closings(at, in_object, outside);
    if (at == nullptr || depth_ == outside)
      return at;
  }
}

/// After a value, or before the closing bracket of an empty container: goes on to the next value, or to the end of all
/// containers opened since depth `outside`.
json_walker::cursor
json_walker::skip_closings(cursor at, const std::bitset<max_depth + 1>& in_object, std::uint32_t outside) {
  for (; depth_ != outside; ++at, --depth_) {
    const bool object = in_object[depth_];
    if (byte(at) == ',')
      return object ? skip_name(at + 1) : at + 1;
    if (byte(at) != (object ? '}' : ']'))
      return refuse_syntax(at, object ? "`,` or `}`" : "`,` or `]`");
  }
  return at;
}

json_walker::cursor json_walker::skip_scalar(cursor at) {
  if (byte(at) == '"')
    return check_string(at) ? at + 1 : nullptr;
  if (json_number::is_number(text_ + *at) || is_literal(at, "true") || is_literal(at, "false") || is_literal(at, "null"))
    return at + 1;
  return refuse_syntax(at, "a value");
}

/// A field's name and the colon behind it.
json_walker::cursor json_walker::skip_name(cursor at) {
  if (byte(at) != '"')
    return refuse_syntax(at, "a field's name");
  return check_string(at) ? skip_colon(at) : nullptr;
}

/// From a field's name to behind the colon that must follow.
json_walker::cursor json_walker::skip_colon(cursor at) {
  ++at;
  return byte(at) == ':' ? at + 1 : refuse_syntax(at, "`:`");
}

bool json_walker::check_string(cursor at) {
  std::string_view raw;
  if (!string_token(at, raw))
    return false;
  const char* const wrong = escapes_ ? json_text::check_escapes(raw) : nullptr;
  return wrong == nullptr || refuse_escape(at, wrong);
}

} // namespace leat
