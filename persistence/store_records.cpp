#include <leat/persistence/store_records.hpp>

#include <leat/base/bytes.hpp>
#include <leat/base/xxh3.hpp>
#include <leat/persistence/store_format.hpp>

#include <fmt/format.h>

namespace leat {
namespace {

constexpr std::size_t checksum_bytes = sizeof(std::uint64_t);

std::uint64_t hash_of(std::string_view key, std::string_view rest) {
  return XXH3_64bits_withSeed(rest.data(), rest.size(), XXH3_64bits(key.data(), key.size()));
}

// Big-endian, so that the order of bytes is that of numbers.
template <class Number>
void append(std::string& out, Number n) {
  for (auto shift = 8 * sizeof n; shift > 0; shift -= 8)
    out += static_cast<char>(n >> (shift - 8));
}

template <class Number>
Number take(std::string_view& in) {
  Number n = 0;
  for (std::size_t i = 0; i < sizeof n; ++i)
    n = static_cast<Number>(n << 8 | static_cast<unsigned char>(in[i]));
  in.remove_prefix(sizeof n);
  return n;
}

std::string text_of(const delta_key& k) {
  return fmt::format("delta {} of group {} of step {} in checkpoint {}", k.part, k.group, k.step, k.checkpoint);
}

} // namespace

state_error damaged_file(std::string_view file, std::string_view what) {
  return state_error{
    fmt::format("{}: {}. Restore it from a copy, or start from a retained checkpoint or savepoint", file, what)};
}

std::string encoded(const delta_key& key) {
  std::string bytes;
  bytes.reserve(store_format::delta_key_bytes);
  append(bytes, key.checkpoint);
  append(bytes, key.step);
  append(bytes, key.group);
  append(bytes, key.part);
  return bytes;
}

delta_key decoded_delta_key(std::string_view bytes) {
  if (bytes.size() != store_format::delta_key_bytes)
    throw damaged_record{fmt::format("a key among the deltas has {} bytes instead of 16", bytes.size())};
  delta_key key;
  key.checkpoint = take<std::uint64_t>(bytes);
  key.step = take<std::uint32_t>(bytes);
  key.group = take<std::uint16_t>(bytes);
  key.part = take<std::uint16_t>(bytes);
  return key;
}

std::uint64_t checksum_of(const delta_key& key, bool replaces, std::string_view bytes, std::string_view tail) {
  auto seed = encoded(key);
  seed += static_cast<char>(replaces ? store_format::replaces_flag : 0);
  if (tail.empty())
    return hash_of(seed, bytes);
  XXH3_state_t state; // of the same bytes it makes the same
  XXH3_INITSTATE(&state);
  XXH3_64bits_reset_withSeed(&state, XXH3_64bits(seed.data(), seed.size()));
  XXH3_64bits_update(&state, bytes.data(), bytes.size());
  XXH3_64bits_update(&state, tail.data(), tail.size());
  return XXH3_64bits_digest(&state);
}

std::string head_of(std::uint64_t checksum, bool replaces) {
  std::string head;
  byte_writer out{head};
  out.fixed(checksum);
  out.fixed(static_cast<std::uint8_t>(replaces ? store_format::replaces_flag : 0));
  return head;
}

std::optional<delta_record> unverified_delta(std::string_view value) {
  if (value.size() < delta_head_bytes)
    return std::nullopt;
  byte_reader in{value};
  delta_record record;
  record.checksum = in.fixed<std::uint64_t>();
  const auto flags = in.fixed<std::uint8_t>();
  record.replaces = flags == store_format::replaces_flag;
  record.bytes = value.substr(delta_head_bytes);
  return flags == 0 || record.replaces ? std::optional{record} : std::nullopt;
}

delta_record decoded_delta(std::string_view key, std::string_view value) {
  const auto k = decoded_delta_key(key);
  const auto record = unverified_delta(value);
  if (!record || record->checksum != checksum_of(k, record->replaces, record->bytes))
    throw damaged_record{text_of(k) + " is damaged: its checksum does not fit"};
  return *record;
}

std::string base_prefix(std::uint32_t step, std::uint16_t group) {
  std::string bytes;
  append(bytes, step);
  append(bytes, group);
  return bytes;
}

std::string base_prefix(std::uint32_t step, std::uint16_t group, std::uint16_t state) {
  auto bytes = base_prefix(step, group);
  append(bytes, state);
  return bytes;
}

bool fits_base_key(std::string_view key) noexcept {
  return key.size() < store_format::key_limit - store_format::base_key_head;
}

std::string base_form(std::string_view key) {
  if (fits_base_key(key))
    return std::string{key};
  constexpr auto kept = store_format::key_limit - store_format::base_key_head - store_format::key_hash_bytes;
  XXH128_canonical_t hash;
  XXH128_canonicalFromHash(&hash, XXH3_128bits(key.data(), key.size()));
  std::string form;
  form.reserve(kept + sizeof hash.digest);
  form += key.substr(0, kept);
  form.append(reinterpret_cast<const char*>(hash.digest), sizeof hash.digest);
  return form;
}

base_record decoded_base_key(std::string_view bytes) {
  if (bytes.size() < store_format::base_key_head)
    throw damaged_record{fmt::format("a key in the base has {} bytes, at least 8 are needed", bytes.size())};
  base_record record;
  record.step = take<std::uint32_t>(bytes);
  record.group = take<std::uint16_t>(bytes);
  record.state = take<std::uint16_t>(bytes);
  record.key = bytes;
  return record;
}

std::uint64_t encode_base_value(std::string_view base_key, std::string_view key, std::string_view value, std::string& out) {
  out.assign(checksum_bytes, '\0');
  byte_writer to{out};
  if (base_key.size() == store_format::key_limit)
    to.text(key);
  to.raw(value);
  const auto checksum = hash_of(base_key, std::string_view{out}.substr(checksum_bytes));
  std::memcpy(out.data(), &checksum, sizeof checksum);
  return checksum;
}

base_record decoded_base(std::string_view base_key, std::string_view value) {
  auto record = decoded_base_key(base_key);
  const auto damaged = [&] {
    return damaged_record{fmt::format(
      "an entry of state {} in group {} of step {} is damaged: its checksum does not fit", record.state, record.group,
      record.step)};
  };
  if (value.size() < checksum_bytes)
    throw damaged();
  byte_reader in{value};
  record.checksum = in.fixed<std::uint64_t>();
  record.value = value.substr(checksum_bytes);
  if (record.checksum != hash_of(base_key, record.value))
    throw damaged();
  if (base_key.size() == store_format::key_limit) {
    record.key = in.text();
    record.value.remove_prefix(static_cast<std::size_t>(record.key.data() + record.key.size() - record.value.data()));
  }
  return record;
}

} // namespace leat
