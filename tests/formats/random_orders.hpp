#pragma once

#include "order.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace leat::testing {

/// Random records that lean towards the ends of ranges and towards awkward text.
class random_orders {
public:
  explicit random_orders(std::uint64_t seed) : bits_{seed} {}

  template <class I>
  I integer() {
    const auto value = static_cast<I>(bits_());
    switch (bits_() % 4) {
    case 0:
      return std::numeric_limits<I>::min();
    case 1:
      return std::numeric_limits<I>::max();
    case 2:
      return static_cast<I>(value % 100);
    default:
      return value;
    }
  }

  double real() {
    if (bits_() % 2 == 0)
      return static_cast<double>(integer<std::int32_t>()) / 100;
    const auto value = std::bit_cast<double>(bits_());
    return std::isfinite(value) ? value : -0.0;
  }

  float small_real() {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits_()));
    return std::isfinite(value) ? value : 0.1F;
  }

  std::string text() {
    static const char* const pieces[] = {"a",  "0123456789", "\"", "\\", "\n", "\x01", "é",
                                         "中", "🙂",       "/",  "{",  "]",  ",",    "\x7f"};
    std::string made;
    for (auto count = bits_() % 12; count > 0; --count)
      made += pieces[bits_() % std::size(pieces)];
    if (bits_() % 8 == 0)
      made.push_back('\0');
    return made;
  }

  color paint() { return std::array{color::red, color::green, color::dark_blue}[bits_() % 3]; }

  bool coin() { return bits_() % 2 == 0; }

  template <class Make>
  auto list(Make make) {
    std::vector<decltype(make())> made;
    for (auto count = bits_() % 4; count > 0; --count)
      made.push_back(make());
    return made;
  }

  template <class Make>
  auto maybe(Make make) {
    return coin() ? std::optional{make()} : std::nullopt;
  }

  order record() {
    order o;
    o.id = integer<std::int64_t>();
    o.at = from_millis(integer<std::int64_t>());
    o.paid = coin();
    o.small = integer<std::int8_t>();
    o.medium = integer<std::uint16_t>();
    o.large = integer<std::uint64_t>();
    o.ratio = small_real();
    o.main_color = paint();
    o.note = maybe([&] { return text(); });
    o.ship_to = maybe([&] { return address{text(), maybe([&] { return integer<std::int32_t>(); })}; });
    o.points = maybe([&] { return list([&] { return integer<std::int32_t>(); }); });
    o.items = list([&] { return item{text(), real(), maybe([&] { return paint(); }), list([&] { return text(); })}; });
    o.readings = list([&] { return maybe([&] { return real(); }); });
    o.matrix = list([&] { return list([&] { return integer<std::uint8_t>(); }); });
    return o;
  }

private:
  std::mt19937_64 bits_;
};

/// All floating-point values of a record, as bits: `==` takes 0.0 for -0.0.
inline std::vector<std::uint64_t> real_bits(const order& o) {
  std::vector<std::uint64_t> all{std::bit_cast<std::uint32_t>(o.ratio)};
  for (const auto& i : o.items)
    all.push_back(std::bit_cast<std::uint64_t>(i.price));
  for (const auto& r : o.readings)
    all.push_back(std::bit_cast<std::uint64_t>(r.value_or(0)));
  return all;
}

} // namespace leat::testing
