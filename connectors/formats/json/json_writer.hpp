#pragma once

#include <leat/base/decimal.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace leat {

/// Writes JSON values behind each other into a buffer of its own that grows and is never given back.
///
/// Belongs to one encoder.
class json_writer {
public:
  json_writer() { grow(4096); }

  [[nodiscard]] std::string_view text() const noexcept { return {buffer_.get(), size_}; }

  /// Forgets what was written.
  void clear() noexcept { size_ = 0; }

  /// Writes bytes as they are.
  void raw(std::string_view bytes) {
    char* const to = room(bytes.size() + sizeof(std::uint64_t));
    // Mostly a field's name: a few words are quicker than a call.
    if (bytes.size() > 32)
      std::memcpy(to, bytes.data(), bytes.size());
    else
      for (std::size_t i = 0; i < bytes.size(); ++i)
        to[i] = bytes[i];
    size_ += bytes.size();
  }

  void raw(char c) {
    *room(1) = c;
    ++size_;
  }

  /// A string literal. Escapes what JSON wants escaped: `"`, `\` and control characters.
  /// @returns false when `text` is not UTF-8; what was written then is of no use.
  [[nodiscard]] bool string(std::string_view text);

  void integer(std::int64_t value);
  void unsigned_integer(std::uint64_t value);

  /// The shortest digits that read back as the same value, bit by bit; a negative zero is `-0.0`, as `-0` would be read as
  /// an integer by many.
  /// @returns false, and writes nothing, for NaN and infinities, which JSON does not have.
  [[nodiscard]] bool number(double value);
  [[nodiscard]] bool number(float value);

  /// All its digits: 12.50.
  void number(const decimal& value) {
    size_ = static_cast<std::size_t>(value.write(room(decimal::max_text)) - buffer_.get());
  }

private:
  /// Where to write the next `bytes` bytes; `size_` is still to be moved.
  char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes)
      grow(bytes);
    return buffer_.get() + size_;
  }

  void grow(std::size_t bytes);
  bool escaped(std::string_view rest);

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

} // namespace leat
