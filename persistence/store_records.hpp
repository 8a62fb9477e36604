#pragma once

#include <leat/base/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// Something in a state file is not what was written. Says neither the file nor the ways back: see `damaged_file`.
class damaged_record : public state_error {
public:
  using state_error::state_error;
};

/// What a person is told who has a damaged state file: which, what is wrong with it, and the ways back.
[[nodiscard]] state_error damaged_file(std::string_view file, std::string_view what);

/// Keys and values of the databases `deltas` and `base`, as docs/formats/checkpoint_store.md has them. Every value begins with
/// a checksum of key and value, so that a value under the wrong key is damage too.

/// Where a delta lies. The order of keys is that of the members.
struct delta_key {
  std::uint64_t checkpoint = 0;
  std::uint32_t step = 0;
  std::uint16_t group = 0;
  std::uint16_t part = 0;

  friend auto operator<=>(const delta_key&, const delta_key&) = default;
};

std::string encoded(const delta_key& key);

/// @throws damaged_record when the bytes are none.
delta_key decoded_delta_key(std::string_view bytes);

struct delta_record {
  std::uint64_t checksum = 0;
  bool replaces = false;
  std::string_view bytes; ///< of the delta
};

/// The bytes that stand before those of the delta.
std::string head_of(std::uint64_t checksum, bool replaces);
inline constexpr std::size_t delta_head_bytes = 9;

/// The checksum for a record. @param tail follows `bytes`.
std::uint64_t checksum_of(const delta_key& key, bool replaces, std::string_view bytes, std::string_view tail = {});

/// Without a look at the checksum; none when the head is damaged.
std::optional<delta_record> unverified_delta(std::string_view value);

/// @throws damaged_record when it is damaged.
delta_record decoded_delta(std::string_view key, std::string_view value);

/// An entry of the base.
struct base_record {
  std::uint32_t step = 0;
  std::uint16_t group = 0;
  std::uint16_t state = 0;
  std::string_view key; ///< the whole of it, also when it is longer than LMDB's keys
  std::string_view value;
  std::uint64_t checksum = 0;
};

/// The first bytes of all keys of a group, or of a state in it.
std::string base_prefix(std::uint32_t step, std::uint16_t group);
std::string base_prefix(std::uint32_t step, std::uint16_t group, std::uint16_t state);

/// Whether a key of a state goes into LMDB's keys as it is.
bool fits_base_key(std::string_view key) noexcept;

/// What stands for a key in LMDB's keys, and gives it its place: the key, or its beginning and a hash.
std::string base_form(std::string_view key);

/// Step and group, decoded from a key of the base.
/// @throws damaged_record when the bytes are none.
base_record decoded_base_key(std::string_view bytes);

/// The value to be stored under `base_key`. @returns its checksum, of which it holds a copy.
std::uint64_t encode_base_value(std::string_view base_key, std::string_view key, std::string_view value, std::string& out);

/// @throws damaged_record when it is damaged.
base_record decoded_base(std::string_view base_key, std::string_view value);

} // namespace leat
