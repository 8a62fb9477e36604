#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace leat {

/// What Avro and Protobuf have in common: whole numbers in groups of seven bits, least first; signed ones folded so that small ones
/// stay short (zigzag); floating point as its bytes, least first; text with its size before it.
namespace wire {

constexpr std::uint64_t folded(std::int64_t n) noexcept {
  return (static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63);
}

constexpr std::int64_t unfolded(std::uint64_t n) noexcept {
  return static_cast<std::int64_t>(n >> 1) ^ -static_cast<std::int64_t>(n & 1);
}

inline void put_unsigned(std::string& to, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7)
    to.push_back(static_cast<char>(n | 0x80));
  to.push_back(static_cast<char>(n));
}

inline void put_folded(std::string& to, std::int64_t n) { put_unsigned(to, folded(n)); }

template <class Number>
void put_raw(std::string& to, Number n) {
  char bytes[sizeof n];
  std::memcpy(bytes, &n, sizeof n);
  to.append(bytes, sizeof n);
}

} // namespace wire

/// Reads them. A read that finds too little, or no number, returns false and leaves the place where it was.
class wire_reader {
public:
  explicit wire_reader(std::string_view bytes) noexcept : at_{bytes.data()}, end_{bytes.data() + bytes.size()} {}

  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  [[nodiscard]] bool get_unsigned(std::uint64_t& n) noexcept {
    std::uint64_t found = 0;
    const char* p = at_;
    for (unsigned shift = 0; p != end_ && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(*p++);
      found |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (shift == 63 && byte > 1)
          return false;
        at_ = p;
        n = found;
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool get_folded(std::int64_t& n) noexcept {
    std::uint64_t found = 0;
    if (!get_unsigned(found))
      return false;
    n = wire::unfolded(found);
    return true;
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
