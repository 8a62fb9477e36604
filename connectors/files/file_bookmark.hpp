#pragma once

#include <leat/connectors/files/file_facts.hpp>
#include <leat/connectors/files/record_buffer.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// Some bytes of a file, to be known again.
struct file_excerpt {
  std::size_t bytes = 0;
  std::uint64_t hash = 0; ///< `content_hash`

  friend bool operator==(const file_excerpt&, const file_excerpt&) = default;
};

/// What a checkpoint keeps of a file beside the position in it: docs/formats/file_positions.md.
struct file_bookmark {
  file_identity identity;                         ///< all 0: nothing was read yet
  std::int64_t size = 0;                          ///< bytes that there were, or were to be read
  file_excerpt head;                              ///< its first bytes
  file_excerpt tail;                              ///< those in front of the position
  std::optional<record_splitter::place> skipping; ///< within a record that was too long, the rest of which is to be dropped

  [[nodiscard]] bool opened() const noexcept { return identity != file_identity{}; }

  friend bool operator==(const file_bookmark&, const file_bookmark&) = default;
};

[[nodiscard]] file_excerpt excerpt_of(std::string_view bytes) noexcept;

[[nodiscard]] std::string to_text(const file_bookmark& mark);

/// @throws state_error when it is none.
[[nodiscard]] file_bookmark bookmark_from(const std::string& text);

} // namespace leat
