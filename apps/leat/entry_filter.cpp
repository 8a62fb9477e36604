#include <leat/apps/leat/entry_filter.hpp>

#include <leat/base/encoded/encoded_value.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/formats/json/encoded_json.hpp>

#include <fmt/format.h>

namespace leat::cli {

namespace {

bool is_window(const encoded_type& t) {
  return t.kind == encoded_kind::record && t.parts.size() == 2 && t.parts[0].name == "start" && t.parts[1].name == "end" &&
         t.parts[0].type->kind == encoded_kind::timestamp && t.parts[1].type->kind == encoded_kind::timestamp;
}

// Of a record with a window: whether it is one itself, or which member is.
bool has_window(const encoded_type& t) {
  if (is_window(t))
    return true;
  for (const auto& part : t.parts)
    if (t.kind == encoded_kind::record && part.name == "window" && is_window(*part.type))
      return true;
  return false;
}

// A list of records with windows, maybe within what says whether and until when it is there.
bool has_windows(const encoded_type& t) {
  if (t.kind == encoded_kind::optional || t.kind == encoded_kind::expiring)
    return has_windows(t.element());
  return t.kind == encoded_kind::list && has_window(t.element());
}

std::string_view passed(const byte_reader& before, const byte_reader& behind) {
  return before.rest().substr(0, before.rest().size() - behind.rest().size());
}

} // namespace

entry_filter::entry_filter(const entry_conditions& wanted, const stored_types& types, std::string_view state)
  : conditions_{wanted}, types_{types} {
  const auto* type = types.user_key_type();
  if (!type && (wanted.key || wanted.key_prefix || wanted.key_from || wanted.key_to))
    throw config_error{fmt::format("state {}: of which type its keys are is not known, so none can be asked for", state)};
  if (wanted.key)
    key_ = encoded_from_json(*type, *wanted.key);
  if (wanted.key_prefix && type->kind != encoded_kind::text)
    throw config_error{
      fmt::format("state {}: only text begins with something, and its keys are {}", state, type_text(*type))};
  if ((wanted.key_from || wanted.key_to) && !has_order(*type))
    throw config_error{fmt::format("state {}: its keys, {}, have no order", state, type_text(*type))};
  if (wanted.key_from)
    from_ = encoded_from_json(*type, *wanted.key_from);
  if (wanted.key_to)
    to_ = encoded_from_json(*type, *wanted.key_to);
  if (wanted.of_windows())
    find_windows(types, state);
}

void entry_filter::find_windows(const stored_types& types, std::string_view state) {
  if (
    types.key && types.key->kind == encoded_kind::record && !types.key->parts.empty() &&
    types.key->parts[0].name == "slice")
    place_ = window_place::slice;
  else if (types.key && has_window(*types.key))
    place_ = window_place::key;
  else if (types.value && has_windows(*types.value))
    place_ = window_place::values;
  else
    throw config_error{fmt::format("state {}: its entries belong to no window", state)};
  if (place_ == window_place::slice && (!conditions_.window_start || conditions_.window_at))
    throw config_error{fmt::format(
      "state {}: of slices it is known where they begin and not where they end: ask for --window-start (a tumbling window "
      "is one "
      "slice), or for the slices of a window with both --window-start and --window-end",
      state)};
}

std::optional<std::string_view> entry_filter::wanted(std::string_view key, std::string_view value) {
  if (!wants_key(types_.user_key_of(key)))
    return std::nullopt;
  byte_reader in{place_ == window_place::values ? value : key};
  switch (place_) {
  case window_place::none:
    return value;
  case window_place::slice:
    return wants_slice(from_millis(in.signed_number())) ? std::optional{value} : std::nullopt;
  case window_place::key:
    return wants_window(*types_.key, in) ? std::optional{value} : std::nullopt;
  case window_place::values:
    kept_.clear();
    return keep_windows(*types_.value, in, kept_) ? std::optional<std::string_view>{kept_} : std::nullopt;
  }
  return std::nullopt;
}

bool entry_filter::wants_key(std::string_view key) const {
  if (key_ && key != *key_)
    return false;
  if (conditions_.key_prefix && !byte_reader{key}.text().starts_with(*conditions_.key_prefix))
    return false;
  const auto* type = types_.user_key_type();
  return (!from_ || compare_keys(*type, key, *from_) >= 0) && (!to_ || compare_keys(*type, key, *to_) < 0);
}

bool entry_filter::wants_slice(timestamp start) const {
  if (conditions_.window_end)
    return *conditions_.window_start <= start && start < *conditions_.window_end;
  return start == *conditions_.window_start;
}

bool entry_filter::wants_window(const encoded_type& type, byte_reader from) const {
  if (!is_window(type))
    for (const auto& part : type.parts) {
      if (part.name == "window" && is_window(*part.type))
        break;
      read_past(*part.type, from);
    }
  const auto start = from_millis(from.signed_number());
  const auto end = from_millis(from.signed_number());
  const auto& c = conditions_;
  return (!c.window_start || start == *c.window_start) && (!c.window_end || end == *c.window_end) &&
         (!c.window_at || (start <= *c.window_at && *c.window_at < end));
}

bool entry_filter::keep_windows(const encoded_type& type, byte_reader& from, std::string& to) const {
  byte_writer out{to};
  if (type.kind == encoded_kind::optional) {
    const auto present = from.fixed<bool>();
    out.fixed(present);
    return present && keep_windows(type.element(), from, to);
  }
  if (type.kind == encoded_kind::expiring) {
    const bool any = keep_windows(type.element(), from, to);
    out.signed_number(from.signed_number());
    return any;
  }
  std::uint64_t count = 0;
  std::string elements;
  for (auto left = from.size(); left != 0; --left) {
    const auto before = from;
    read_past(type.element(), from);
    if (!wants_window(type.element(), before))
      continue;
    elements += passed(before, from);
    ++count;
  }
  out.unsigned_number(count);
  out.raw(elements);
  return count != 0;
}

} // namespace leat::cli
