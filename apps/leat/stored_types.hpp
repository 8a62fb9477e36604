#pragma once

#include <leat/base/encoded/encoded_type.hpp>
#include <leat/persistence/manifest.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::cli {

/// What the bytes of a state's keys and values are: by the manifest, or, of what Leat itself keeps, as it is known here. Keys of
/// Leat's own states whose parts have no names get some: `{slice: timestamp, key: text}`.
struct stored_types {
  explicit stored_types(const stored_state& state);

  std::string key_text; ///< of the type, for a person; empty: not known
  std::string value_text;
  std::shared_ptr<const encoded_type> key; ///< null: not known
  std::shared_ptr<const encoded_type> value;
  std::optional<std::size_t> user_key; ///< which part of the key is the user's; none: all of it

  /// The type of the user's key, and its bytes.
  [[nodiscard]] const encoded_type* user_key_type() const noexcept;
  [[nodiscard]] std::string_view user_key_of(std::string_view key_bytes) const;
};

/// The order of two keys of a type that has one: numbers, times, text, and what is made of these part by part.
/// @returns less than, equal to or greater than 0.
[[nodiscard]] int compare_keys(const encoded_type& type, std::string_view a, std::string_view b);
[[nodiscard]] bool has_order(const encoded_type& type);

/// The key group of a user's key; none for a type that no stream is keyed by.
[[nodiscard]] std::optional<std::uint16_t>
group_of_key(const encoded_type& type, std::string_view key, std::uint32_t max_parallelism);

} // namespace leat::cli
