#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace leat {

/// Avro's binary encoding of simple values (specification 1.11.1, "Binary Encoding"): whole numbers folded so that small ones stay
/// short (zigzag) in groups of seven bits, least first; floating point as its bytes, least first.
namespace avro_bytes {

inline void put_long(std::string& to, std::int64_t n) {
  auto folded = (static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63);
  for (; folded >= 0x80; folded >>= 7)
    to.push_back(static_cast<char>(folded | 0x80));
  to.push_back(static_cast<char>(folded));
}

inline void put_text(std::string& to, std::string_view text) {
  put_long(to, static_cast<std::int64_t>(text.size()));
  to.append(text);
}

template <class Number>
void put_raw(std::string& to, Number n) {
  char bytes[sizeof n];
  std::memcpy(bytes, &n, sizeof n);
  to.append(bytes, sizeof n);
}

} // namespace avro_bytes

/// Reads them. A read that finds too little, or no number, returns false and leaves the place where it was.
class avro_reader {
public:
  explicit avro_reader(std::string_view bytes) noexcept : at_{bytes.data()}, end_{bytes.data() + bytes.size()} {}

  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  [[nodiscard]] bool get_long(std::int64_t& n) noexcept {
    std::uint64_t folded = 0;
    const char* p = at_;
    for (unsigned shift = 0; p != end_ && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(*p++);
      folded |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (shift == 63 && byte > 1)
          return false;
        at_ = p;
        n = static_cast<std::int64_t>(folded >> 1) ^ -static_cast<std::int64_t>(folded & 1);
        return true;
      }
    }
    return false;
  }

  /// The bytes of a string or of bytes.
  [[nodiscard]] bool get_text(std::string_view& text) noexcept {
    const char* const before = at_;
    std::int64_t size = 0;
    if (get_long(size) && size >= 0 && get_bytes(static_cast<std::uint64_t>(size), text))
      return true;
    at_ = before;
    return false;
  }

  [[nodiscard]] bool get_bytes(std::uint64_t size, std::string_view& bytes) noexcept {
    if (size > left())
      return false;
    bytes = {at_, static_cast<std::size_t>(size)};
    at_ += size;
    return true;
  }

  template <class Number>
  [[nodiscard]] bool get_raw(Number& n) noexcept {
    if (left() < sizeof n)
      return false;
    std::memcpy(&n, at_, sizeof n);
    at_ += sizeof n;
    return true;
  }

private:
  const char* at_;
  const char* end_;
};

} // namespace leat
