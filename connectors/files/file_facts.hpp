#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace leat {

/// Which file it is, whatever its name: what stays when it is renamed and differs when another takes its name. The time of
/// birth, where the file system knows it, tells a new file from a removed one whose number it got.
struct file_identity {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  std::int64_t born = 0; ///< ns since the epoch; 0: unknown

  friend auto operator<=>(const file_identity&, const file_identity&) = default;
};

/// What the file system says of a file.
struct file_facts {
  file_identity identity;
  std::int64_t size = 0; ///< bytes
  bool regular = false;
  bool folder = false;

  friend bool operator==(const file_facts&, const file_facts&) = default;
};

/// @returns nothing when there is no such file.
/// @throws connector_error when the file system cannot be asked: a folder on the way may not be searched.
[[nodiscard]] std::optional<file_facts> facts_of(const std::string& path);
[[nodiscard]] file_facts facts_of(int descriptor);

/// What `errno` means, for a person.
[[nodiscard]] std::string system_reason(int error);

} // namespace leat
