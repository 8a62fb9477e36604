#pragma once

#include <leat/base/error.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace leat {

/// Appends numbers and text to a string of bytes. What `byte_reader` reads; the form is part of the state format: numbers
/// little-endian, sizes and whole numbers in groups of seven bits, least first (LEB128), signed ones folded so that small
/// numbers stay short (zigzag, as Protobuf has them).
class byte_writer {
public:
  explicit byte_writer(std::string& out) noexcept : out_{&out} {}

  /// The bytes of a number, as they are.
  template <class Number>
  void fixed(Number n) {
    static_assert(std::is_arithmetic_v<Number>);
    char bytes[sizeof n];
    std::memcpy(bytes, &n, sizeof n);
    out_->append(bytes, sizeof n);
  }

  void unsigned_number(std::uint64_t n);

  void signed_number(std::int64_t n) {
    unsigned_number((static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63));
  }

  /// Bytes whose number the reader knows.
  void raw(std::string_view bytes) { out_->append(bytes); }

  void text(std::string_view t) {
    unsigned_number(t.size());
    out_->append(t);
  }

private:
  std::string* out_;
};

/// Reads what `byte_writer` wrote.
class byte_reader {
public:
  /// @param bytes outlive the reader.
  explicit byte_reader(std::string_view bytes) noexcept : rest_{bytes} {}

  // All of them throw `state_error` when there is not enough left, or no number where one should be.

  template <class Number>
  [[nodiscard]] Number fixed() {
    static_assert(std::is_arithmetic_v<Number>);
    if constexpr (std::is_same_v<Number, bool>) {
      return boolean();
    } else {
      Number n;
      std::memcpy(&n, raw(sizeof n).data(), sizeof n);
      return n;
    }
  }

  [[nodiscard]] std::uint64_t unsigned_number();

  [[nodiscard]] std::int64_t signed_number() {
    const auto n = unsigned_number();
    return static_cast<std::int64_t>(n >> 1) ^ -static_cast<std::int64_t>(n & 1);
  }

  /// Good as long as the bytes are.
  [[nodiscard]] std::string_view text() { return raw(unsigned_number()); }

  /// Bytes whose number the reader knows. Good as long as the bytes are.
  [[nodiscard]] std::string_view raw(std::uint64_t bytes);

  /// How many elements follow; each takes at least one byte.
  [[nodiscard]] std::size_t size();

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

  /// What has not been read.
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

  /// @throws state_error when something is left: it was saved by another type.
  void expect_end() const;

private:
  [[nodiscard]] bool boolean();

  std::string_view rest_;
};

} // namespace leat
