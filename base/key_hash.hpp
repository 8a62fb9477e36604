#pragma once

#include <leat/base/described_struct.hpp>
#include <leat/base/time.hpp>
#include <leat/base/xxh3.hpp>

#include <boost/mp11/algorithm.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace leat {

/// Hashes keys the same way on every machine and in every version: XXH3 (64 bits) of the key's encoded bytes.
///
/// Never `std::hash`: the mapping from key to key group is part of the state format. The encoding: integers, enums, bools
/// and timestamps as eight bytes little-endian (sign-extended), strings as their bytes, and compound keys (pairs, tuples,
/// described structs) member by member, each string preceded by its length as eight bytes.
/// Floating-point members are refused: 0.0 and -0.0, or two NaNs, would be different keys that compare equal or equal
/// keys that do not.

/// Appends the encoding of a compound key's members to a growing hash input.
class key_encoder {
public:
  template <class K>
  void add(const K& key) {
    if constexpr (std::is_same_v<K, timestamp>) {
      add_word(static_cast<std::uint64_t>(to_millis(key)));
    } else if constexpr (std::is_enum_v<K>) {
      add(static_cast<std::underlying_type_t<K>>(key));
    } else if constexpr (std::integral<K>) {
      add_word(static_cast<std::uint64_t>(static_cast<std::int64_t>(key)));
    } else if constexpr (std::convertible_to<const K&, std::string_view>) {
      const std::string_view text = key;
      add_word(text.size());
      bytes_.append(text);
    } else if constexpr (described_struct<K>) {
      boost::mp11::mp_for_each<described_members<K>>([&](auto member) { add(key.*member.pointer); });
    } else if constexpr (requires { std::tuple_size<K>::value; }) {
      std::apply([&](const auto&... parts) { (add(parts), ...); }, key);
    } else {
      static_assert(
        !sizeof(K), "a key is an integer, an enum, a bool, a timestamp, a string, or a pair, tuple or "
                    "BOOST_DESCRIBE_STRUCT of these; floating-point keys are refused");
    }
  }

  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

private:
  void add_word(std::uint64_t word) {
    static_assert(std::endian::native == std::endian::little);
    char raw[sizeof word];
    std::memcpy(raw, &word, sizeof word);
    bytes_.append(raw, sizeof raw);
  }

  std::string bytes_;
};

/// The hash of one key; see the encoding above.
template <class K>
std::uint64_t key_hash(const K& key) {
  if constexpr (std::is_same_v<K, timestamp>) {
    return key_hash(to_millis(key));
  } else if constexpr (std::is_enum_v<K>) {
    return key_hash(static_cast<std::underlying_type_t<K>>(key));
  } else if constexpr (std::integral<K>) {
    const auto word = static_cast<std::int64_t>(key);
    return XXH3_64bits(&word, sizeof word);
  } else if constexpr (std::convertible_to<const K&, std::string_view>) {
    const std::string_view text = key;
    return XXH3_64bits(text.data(), text.size());
  } else {
    key_encoder encoder;
    encoder.add(key);
    return XXH3_64bits(encoder.bytes().data(), encoder.bytes().size());
  }
}

} // namespace leat
