#pragma once

#include <leat/connectors/formats/record_splitter.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// The part of a file that was read and not yet handed out, taken apart into records.
///
/// Memory is bounded: a record that is longer than allowed is handed out in part, and its rest is dropped: up to the
/// line break that ends it, which is none of those in a quoted field.
/// Lines without a character are left out. Belongs to one reader.
class record_buffer {
public:
  /// Bytes that one reading asks for.
  static constexpr std::size_t block = 256 * 1024;

  /// Bytes of the beginning, and of what was handed out last, that are kept to know the file by.
  static constexpr std::size_t excerpt = 256;

  using skipped_at = record_splitter::place;

  struct record {
    std::string_view bytes; ///< without the line break; valid until the next `room`
    std::int64_t offset = 0;
    bool too_long = false; ///< `bytes` is only its beginning
  };

  record_buffer(record_splitter splitter, std::size_t longest) : splitter_{splitter}, longest_{longest} {}

  /// Where the next bytes of the file go: `block` of them, from `end` on. Invalidates what was handed out.
  [[nodiscard]] std::span<char> room();

  /// So many bytes of `room` were filled.
  void fill(std::size_t bytes);

  /// @returns false when no whole record is left.
  [[nodiscard]] bool next(record& out);

  /// What is left, as the last record of a file that does not end with a line break.
  /// @returns false when nothing is.
  [[nodiscard]] bool rest(record& out);

  /// The offset in the file of the first byte that was not handed out, and of the first that was not read.
  [[nodiscard]] std::int64_t position() const noexcept { return start_ + static_cast<std::int64_t>(next_); }
  [[nodiscard]] std::int64_t end() const noexcept { return start_ + static_cast<std::int64_t>(filled_); }

  /// Whether a quoted field is being dropped, of a record that was too long: if its closing quote is missing, all that
  /// comes is.
  [[nodiscard]] bool drops_quoted() const noexcept { return skipping_ && splitter_.in_quotes(); }

  /// Begins at the start of another file.
  void restart();

  /// Goes on in the middle of a file, with the bytes that it begins with, and those in front of `position`.
  /// @param skipping where in a record that is being dropped; none: a record begins.
  void go_on(std::int64_t position, std::string head, std::string_view tail, std::optional<skipped_at> skipping);

  /// The first bytes of the file, and the last ones in front of `position`: at most `excerpt` of each, and none behind
  /// `position`. Until the next `room`.
  [[nodiscard]] std::string_view head() const noexcept;
  [[nodiscard]] std::string_view tail() const noexcept;

  /// Where in a record that is being dropped what was read ends; none: a record begins at `position`.
  [[nodiscard]] std::optional<skipped_at> skipping() const noexcept {
    return skipping_ ? std::optional{splitter_.at()} : std::nullopt;
  }

  /// Gives back the memory when nothing is in it.
  void shrink();

private:
  [[nodiscard]] std::string_view left() const noexcept { return {bytes_.data() + next_, filled_ - next_}; }
  [[nodiscard]] bool skip_rest();
  void hand_out(std::size_t bytes, record& out);
  void drop(std::size_t bytes) noexcept;

  record_splitter splitter_;
  const std::size_t longest_;
  std::vector<char> bytes_; // `excerpt` of those handed out, and what follows
  std::size_t next_ = 0;    // the first byte not handed out
  std::size_t filled_ = 0;  // behind the last byte read
  std::string head_;        // of the file
  std::int64_t start_ = 0;  // offset of bytes_[0] in the file
  bool skipping_ = false;   // in a record whose beginning was handed out as too long
};

/// The first record of a file without the mark that some programs put in front of UTF-8.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view record) noexcept;

} // namespace leat
