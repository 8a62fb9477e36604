#include <leat/apps/leat/stored_types.hpp>

#include <leat/actors/epochs/in_flight.hpp>
#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/actors/sinks/exactly_once_end.hpp>
#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoded/encoded_value.hpp>
#include <leat/base/key_group.hpp>
#include <leat/base/key_hash.hpp>
#include <leat/base/xxh3.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat::cli {

namespace {

// What the manifest says nothing of.
struct untyped_state {
  std::string_view name;
  std::string key;
  std::string value;
};

const std::vector<untyped_state>& untyped_states() {
  static const std::vector<untyped_state> all{
    {positions_state, "{topic: text, partition: int32}", type_text(encoded_type_of<partition_position>())},
    {input_watermark_state, type_text(encoded_type_of<timestamp>()), ""},
    {in_flight_state, type_text(encoded_type_of<in_flight_name>()), ""},
    {epoch_logs_state, type_text(encoded_type_of<epoch_log_name>()), ""}};
  return all;
}

// Keys that are a time and a user's key: what the time is.
struct timed_key {
  std::string_view state;
  std::string_view time;
};
constexpr timed_key timed_keys[] = {{"leat.slices", "slice"}, {"leat.timers", "time"}, {"leat.processing_timers", "time"}};

// A tuple with names for its parts; levels of types that contain themselves stay what they are.
std::string with_names(const encoded_type& pair, std::string_view first) {
  return fmt::format("{{{}: {}, key: {}}}", first, type_text(*pair.parts[0].type), type_text(*pair.parts[1].type));
}

std::string_view part_of(const encoded_type& type, std::size_t part, std::string_view bytes) {
  byte_reader in{bytes};
  for (std::size_t i = 0; i < part; ++i)
    read_past(*type.parts[i].type, in);
  const auto from = in.rest();
  read_past(*type.parts[part].type, in);
  return from.substr(0, from.size() - in.rest().size());
}

template <class Number>
int order_of(Number a, Number b) {
  return a < b ? -1 : a == b ? 0 : 1;
}

int compare(const encoded_type& t, byte_reader& a, byte_reader& b) {
  switch (t.kind) {
  case encoded_kind::boolean:
    return order_of(a.fixed<bool>(), b.fixed<bool>());
  case encoded_kind::unsigned_number:
    return order_of(unsigned_value(t, a), unsigned_value(t, b));
  case encoded_kind::signed_number:
    return order_of(signed_value(t, a), signed_value(t, b));
  case encoded_kind::timestamp:
  case encoded_kind::duration:
    return order_of(a.signed_number(), b.signed_number());
  case encoded_kind::enumeration:
    return order_of(enumerator_value(t, a), enumerator_value(t, b));
  case encoded_kind::text:
    return a.text().compare(b.text());
  default:
    for (const auto& part : t.parts)
      if (const auto order = compare(*part.type, a, b); order != 0)
        return order;
    return 0;
  }
}

bool is_tuple(const encoded_type& t) { return t.kind == encoded_kind::tuple || t.kind == encoded_kind::record; }

// Adds a key as `key_hash` does that knows its type.
void add_to_hash(key_encoder& to, const encoded_type& t, byte_reader& from) {
  if (is_tuple(t)) {
    for (const auto& part : t.parts)
      add_to_hash(to, *part.type, from);
  } else if (t.kind == encoded_kind::text) {
    to.add(from.text());
  } else if (t.kind == encoded_kind::boolean) {
    to.add(std::int64_t{from.fixed<bool>()});
  } else if (t.kind == encoded_kind::unsigned_number) {
    to.add(static_cast<std::int64_t>(unsigned_value(t, from)));
  } else if (t.kind == encoded_kind::enumeration) {
    to.add(enumerator_value(t, from));
  } else {
    to.add(from.signed_number());
  }
}

} // namespace

stored_types::stored_types(const stored_state& state) : key_text{state.key_type}, value_text{state.value_type} {
  for (const auto& known : untyped_states())
    if (known.name == state.name && key_text.empty() && value_text.empty()) {
      key_text = known.key;
      value_text = known.value;
    }
  if (!key_text.empty())
    key = parse_encoded_type(key_text);
  if (!value_text.empty())
    value = parse_encoded_type(value_text);
  for (const auto& timed : timed_keys)
    if (timed.state == state.name && key && key->kind == encoded_kind::tuple && key->parts.size() == 2) {
      key_text = with_names(*key, timed.time);
      key = parse_encoded_type(key_text);
      user_key = 1;
    }
  if (key)
    key_text = shown_type_text(*key);
  if (value)
    value_text = shown_type_text(*value);
}

const encoded_type* stored_types::user_key_type() const noexcept {
  return key && user_key ? key->parts[*user_key].type : key.get();
}

std::string_view stored_types::user_key_of(std::string_view key_bytes) const {
  return user_key ? part_of(*key, *user_key, key_bytes) : key_bytes;
}

int compare_keys(const encoded_type& type, std::string_view a, std::string_view b) {
  byte_reader of_a{a};
  byte_reader of_b{b};
  return compare(type, of_a, of_b);
}

bool has_order(const encoded_type& type) {
  switch (type.kind) {
  case encoded_kind::boolean:
  case encoded_kind::unsigned_number:
  case encoded_kind::signed_number:
  case encoded_kind::timestamp:
  case encoded_kind::duration:
  case encoded_kind::enumeration:
  case encoded_kind::text:
    return true;
  case encoded_kind::tuple:
  case encoded_kind::record:
    return std::all_of(type.parts.begin(), type.parts.end(), [](const auto& part) { return has_order(*part.type); });
  default:
    return false;
  }
}

std::optional<std::uint16_t> group_of_key(const encoded_type& type, std::string_view key, std::uint32_t max_parallelism) {
  if (!has_order(type))
    return std::nullopt;
  byte_reader from{key};
  if (type.kind == encoded_kind::text)
    return static_cast<std::uint16_t>(key_group_of(key_hash(from.text()), max_parallelism));
  key_encoder encoder;
  add_to_hash(encoder, type, from);
  const auto hash = XXH3_64bits(encoder.bytes().data(), encoder.bytes().size());
  return static_cast<std::uint16_t>(key_group_of(hash, max_parallelism));
}

} // namespace leat::cli
